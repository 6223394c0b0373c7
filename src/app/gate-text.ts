/** A gate as an address says it: `type:0,2;area:20-120;conf:0.5-1`, short and readable. */
import { type Gate, isOpen, RANGES, type Range, type RangeName } from '../overlay/gate.ts';

const WORDS: Record<RangeName, string> = {
  area: 'area',
  confidence: 'conf',
  contribution: 'contribution',
  rank: 'rank',
};
const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:e-?\d+)?`;
const RANGE = new RegExp(`^(${NUMBER})?-(${NUMBER})?$`);
const DIGITS = 4;

/**
 * Null for a gate that lets all cells pass; an open end is left out, as in `area:20-`. Annotations
 * are kept on one machine, so what is inside of them is no part of an address.
 */
export function gateToText({ inside: _, ...gate }: Gate): string | null {
  if (isOpen(gate)) return null;
  const parts = RANGES.flatMap((name) => {
    const range = gate[name];
    return range ? [`${WORDS[name]}:${range.map(numberText).join('-')}`] : [];
  });
  if (gate.types) parts.unshift(`type:${gate.types.join(',')}`);
  return parts.join(';');
}

/** What makes no sense is left out; null when nothing is left. */
export function gateFromText(text: string | null): Gate | null {
  const gate: { -readonly [Key in keyof Gate]: Gate[Key] } = {};
  for (const part of text?.split(';') ?? []) {
    const colon = part.indexOf(':');
    const [word, value] = [part.slice(0, colon), part.slice(colon + 1)];
    if (word === 'type' && /^(\d{1,2}(,\d{1,2})*)?$/.test(value)) {
      gate.types = value === '' ? [] : value.split(',').map(Number);
    }
    const name = RANGES.find((range) => WORDS[range] === word);
    const range = name && rangeFrom(value);
    if (name && range) gate[name] = range;
  }
  return isOpen(gate) ? null : gate;
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(DIGITS))) : '';
}

function rangeFrom(text: string): Range | null {
  const found = RANGE.exec(text);
  if (!found || (found[1] === undefined && found[2] === undefined)) return null;
  const low = found[1] === undefined ? -Infinity : Number(found[1]);
  const high = found[2] === undefined ? Infinity : Number(found[2]);
  return low <= high ? [low, high] : null;
}
