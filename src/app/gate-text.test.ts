import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Gate } from '../overlay/gate.ts';
import { gateFromText, gateToText } from './gate-text.ts';

const end = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const range = (min: number, max: number) =>
  fc
    .tuple(
      fc.oneof(end(min, max), fc.constant(-Infinity)),
      fc.oneof(end(min, max), fc.constant(Infinity)),
    )
    .filter(([low, high]) => low <= high && (Number.isFinite(low) || Number.isFinite(high)));

describe('a gate in the address', () => {
  it('reads as it was written', () => {
    const gate: Gate = { types: [0, 2], area: [20, 120], confidence: [0.5, 1] };
    expect(gateToText(gate)).toBe('type:0,2;area:20-120;conf:0.5-1');
    expect(gateFromText('type:0,2;area:20-120;conf:0.5-1')).toEqual(gate);
    expect(gateFromText('contribution:-0.5--0.2')).toEqual({ contribution: [-0.5, -0.2] });
    expect(gateFromText('contribution:0-')).toEqual({ contribution: [0, Infinity] });
    expect(gateFromText('type:')).toEqual({ types: [] });
  });

  it('is the same gate again, to four digits', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            types: fc.subarray([0, 1, 2, 3, 11]),
            area: range(0, 4000),
            confidence: range(0, 1),
            contribution: range(-1, 1),
            rank: range(0, 1),
          },
          { requiredKeys: [] },
        ),
        (gate) => {
          const text = gateToText(gate);
          const again = gateFromText(text);
          expect(gateToText(again ?? {})).toBe(text);
          for (const name of ['area', 'confidence', 'contribution', 'rank'] as const) {
            gate[name]?.forEach((value, i) => {
              const read = again?.[name]?.[i] ?? Number.NaN;
              if (Number.isFinite(value)) {
                expect(Math.abs(read - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-3);
              } else expect(read).toBe(value);
            });
          }
          expect(again?.types).toEqual(gate.types);
        },
      ),
    );
  });

  it('ignores what makes no sense', () => {
    for (const text of [
      '',
      'area:9-3',
      'area:-',
      'area:x-3',
      'type:1,,2',
      'colour:1-2',
      ';;',
      null,
    ]) {
      expect(gateFromText(text)).toBeNull();
    }
    expect(gateFromText('area:9-3;rank:0.9-1')).toEqual({ rank: [0.9, 1] });
    expect(gateToText({})).toBeNull();
  });
});
