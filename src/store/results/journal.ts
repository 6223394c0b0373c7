/**
 * fields.jsonl: one sealed line a finished field, appended after its data. Whatever a crash cut
 * off, the lines before it still hold: reading stops at the first one that does not, so what is
 * read is always a prefix of what was written.
 */
import { z } from 'zod';
import { throwIfAborted } from '../../core/errors.ts';
import type { Bytes } from '../../slide/bytes.ts';
import type { DataFile, ResultSource } from './files.ts';
import type { ResultIndex } from './index-file.ts';
import { cellBytes, evidenceBytes, tokenBytes } from './layout.ts';
import { unseal } from './seal.ts';

const count = z.number().int().min(0);

/** What a head said of field `i`; its attention and contributions lie at `evidenceAt`. */
const answerLine = z.object({
  i: count,
  /** Place in the index's list of heads. */
  head: count,
  evidenceAt: count,
  logit: z.number(),
  classShare: z.number(),
  /** log of the field's summed attention before it is normalised. */
  gate: z.number().nullable(),
  partnerLogit: z.number().nullable(),
  partnerGate: z.number().nullable(),
});

/** A finished field with its first answer; `i` counts fields from 0. */
const fieldLine = answerLine.extend({
  col: z.number().int(),
  row: z.number().int(),
  cells: count,
  cellsAt: count,
  /** Null when tokens were not kept. */
  tokensAt: count.nullable(),
  tokensCrc: count.nullable(),
  distance: z.number().nullable(),
  /** Areas in um2; null in what versions before 0.5.0 wrote. */
  stain: z
    .object({
      stained: z.number().min(0),
      outside: z.number().min(0),
      factor: z.number().positive().max(1),
    })
    .nullable()
    .default(null),
});

export type AnswerLine = z.infer<typeof answerLine>;
export type FieldLine = z.infer<typeof fieldLine>;
type Sizes = Pick<ResultIndex, 'tokens' | 'heads'>;

/** The lines that hold, and where in each file the next thing goes. */
export class Journal {
  readonly fields: FieldLine[] = [];
  readonly ends: Record<DataFile, number> = {
    'cells.bin': 0,
    'evidence.bin': 0,
    'tokens.bin': 0,
    'fields.jsonl': 0,
  };
  private readonly byHead = new Map<number, Map<number, AnswerLine>>();

  /** Take a line that holds; `bytes` is its length with the line feed. */
  take(line: FieldLine | AnswerLine, bytes: number, { tokens }: Sizes): void {
    const { ends } = this;
    ends['fields.jsonl'] += bytes;
    ends['evidence.bin'] = line.evidenceAt + evidenceBytes(tokenCount(tokens));
    if ('cells' in line) {
      this.fields.push(line);
      ends['cells.bin'] = line.cellsAt + cellBytes(line.cells);
      if (line.tokensAt !== null) {
        ends['tokens.bin'] = line.tokensAt + tokenBytes(tokenCount(tokens), tokens.dim);
      }
    }
    const answers = this.byHead.get(line.head) ?? new Map<number, AnswerLine>();
    this.byHead.set(line.head, answers.set(line.i, line));
  }

  /** What this head said of field `i`, or else what another did, which `head` then names. */
  answer(i: number, head: number): AnswerLine {
    return this.byHead.get(head)?.get(i) ?? this.fields[i];
  }
}

/** Patch tokens of a field. */
export function tokenCount({ grid }: ResultIndex['tokens']): number {
  return grid[0] * grid[1];
}

/**
 * Read on where the journal ends, checking every line against its data. Never throws for what is
 * torn or changed: it stops there. Progress is the share of new lines checked. Throws `cancelled`
 * and what the source throws.
 */
export async function extendJournal(
  journal: Journal,
  source: ResultSource,
  index: Sizes,
  onProgress: (share: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<void> {
  const bytes = await source.read('fields.jsonl', journal.ends['fields.jsonl']);
  // After the lines: a writer at work has data on disk before it writes of it.
  const tokensEnd = await source.size('tokens.bin');
  const cells = windowed(source, 'cells.bin');
  const evidence = windowed(source, 'evidence.bin');
  const tokens = tokenCount(index.tokens);
  const decoder = new TextDecoder();
  let from = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
    throwIfAborted(signal);
    const sealed = unseal(decoder.decode(bytes.subarray(from, end)));
    const line = sealed && lineOf(sealed.value, journal, index);
    if (!line) return;
    const said = await evidence(line.evidenceAt, evidenceBytes(tokens));
    if ('cells' in line) {
      const found = await cells(line.cellsAt, cellBytes(line.cells));
      if (!found || !said || !sealed.holds(found, said)) return;
      const kept = line.tokensAt === null ? 0 : tokenBytes(tokens, index.tokens.dim);
      if ((line.tokensAt ?? 0) + kept > tokensEnd) return;
    } else if (!said || !sealed.holds(said)) return;
    journal.take(line, end + 1 - from, index);
    from = end + 1;
    onProgress(from / bytes.length);
  }
}

/** The line, if it can be the next one. */
function lineOf(value: unknown, journal: Journal, { heads }: Sizes): FieldLine | AnswerLine | null {
  const { data } = z.union([fieldLine, answerLine]).safeParse(value);
  if (!data || data.head >= heads.length) return null;
  const known = journal.fields.length;
  return ('cells' in data ? data.i === known : data.i < known) ? data : null;
}

/** Bytes read at a time. */
const WINDOW = 4 * 1024 * 1024;

/**
 * Reads of one file that mostly go forward, through a window: fields of a few kB cost few reads.
 * Gives null where the file ends before.
 */
export function windowed(
  source: ResultSource,
  name: DataFile,
): (from: number, length: number) => Promise<Bytes | null> {
  let start = 0;
  let bytes: Bytes = new Uint8Array(0);
  return async (from, length) => {
    if (from < start || from + length > start + bytes.length) {
      bytes = await source.read(name, from, from + Math.max(length, WINDOW));
      start = from;
    }
    return length <= bytes.length - (from - start)
      ? bytes.subarray(from - start, from - start + length)
      : null;
  };
}
