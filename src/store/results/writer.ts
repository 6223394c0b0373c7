/**
 * The one writer of a results folder. A field's data go to disk first and its line after them, so
 * a crash at any byte costs at most the field in flight.
 */
import { CytolensError } from '../../core/errors.ts';
import { crc32 } from './crc32.ts';
import { DATA_FILES, type DataFile, type ResultFiles } from './files.ts';
import { formatIndex, type ResultHead, type ResultIndex } from './index-file.ts';
import { type AnswerLine, type FieldLine, Journal, tokenCount } from './journal.ts';
import { encodeCells, encodeEvidence, encodeTokens, type StoredTokens } from './layout.ts';
import {
  type OpenOptions,
  openResults,
  ResultReader,
  type StoredEvidence,
  type StoredField,
  sameHead,
} from './reader.ts';
import { seal } from './seal.ts';

/** A finished field as the analysis hands it over; the writer numbers it. */
export interface NewField extends Omit<StoredField, 'i' | 'head'> {
  /** Null when they are not to be kept. */
  tokens: StoredTokens | null;
}

/** What may change of an index that is written. */
export type IndexChanges = Partial<Pick<ResultIndex, 'state' | 'plan' | 'mask'>>;

export class ResultWriter {
  private head = 0;

  private constructor(
    private readonly files: ResultFiles,
    /** Reads what is written, tokens above all. */
    readonly reader: ResultReader,
  ) {}

  /** Begin anew; what the folder held is gone. The first head of `index` is the one in use. */
  static async create(files: ResultFiles, index: ResultIndex): Promise<ResultWriter> {
    for (const name of DATA_FILES) files.truncate(name, 0);
    const writer = new ResultWriter(files, new ResultReader(files, index, new Journal()));
    await writer.writeIndex(index);
    return writer;
  }

  /**
   * Go on where a run ended, however it ended: what is torn is cut off. `reader` then gives the
   * fields that are done; `head` answers from now on. Throws like `openResults` and `add`.
   */
  static async resume(
    files: ResultFiles,
    head: ResultHead,
    options?: OpenOptions,
  ): Promise<ResultWriter> {
    const writer = new ResultWriter(files, await openResults(files, options));
    writer.cut();
    await writer.setHead(head);
    return writer;
  }

  get index(): ResultIndex {
    return this.reader.index;
  }

  /** Say which head answers from now on. */
  async setHead(head: ResultHead): Promise<void> {
    const known = this.index.heads.findIndex((other) => sameHead(head, other));
    if (known < 0) await this.writeIndex({ ...this.index, heads: [...this.index.heads, head] });
    this.head = known < 0 ? this.index.heads.length - 1 : known;
  }

  /**
   * Keep a finished field. Returns when it is on disk. Throws `quota` when the storage is full;
   * what was kept before stays whole, and the field can be added again.
   */
  add(field: NewField): void {
    this.check(field);
    const { ends, fields } = this.reader.journal;
    const cells = encodeCells(field.cells);
    const tokens = field.tokens && encodeTokens(field.tokens);
    const line: FieldLine = {
      ...this.answerLine(fields.length, field),
      col: field.place.col,
      row: field.place.row,
      cells: field.cells.count,
      cellsAt: ends['cells.bin'],
      tokensAt: tokens && ends['tokens.bin'],
      tokensCrc: tokens && crc32(tokens),
      distance: field.distance,
      stain: field.stain,
    };
    const data: [DataFile, Uint8Array][] = [
      ['cells.bin', cells],
      ['evidence.bin', encodeEvidence(field)],
    ];
    this.write(line, data, tokens ? [['tokens.bin', tokens]] : []);
  }

  /** Keep what the head in use says of a field that is kept already. Throws like `add`. */
  answer(i: number, evidence: StoredEvidence): void {
    this.checkEvidence(evidence);
    this.write(this.answerLine(i, evidence), [['evidence.bin', encodeEvidence(evidence)]]);
  }

  async update(changes: IndexChanges): Promise<void> {
    await this.writeIndex({ ...this.index, ...changes });
  }

  /** Let go of the files; the folder may be written by another from here on. */
  close(): void {
    this.files.close();
  }

  private answerLine(i: number, said: StoredEvidence): AnswerLine {
    const { logit, classShare, gate, partnerLogit, partnerGate } = said;
    const evidenceAt = this.reader.journal.ends['evidence.bin'];
    const answer = { logit, classShare, gate, partnerLogit, partnerGate };
    return { i, head: this.head, evidenceAt, ...answer };
  }

  /** Data first, then the line, sealed over `checked`; all or nothing. */
  private write(
    line: FieldLine | AnswerLine,
    checked: [DataFile, Uint8Array][],
    unchecked: [DataFile, Uint8Array][] = [],
  ): void {
    const text = new TextEncoder().encode(seal(line, ...checked.map(([, bytes]) => bytes)));
    try {
      const data = [...checked, ...unchecked];
      for (const [name, bytes] of data) this.files.append(name, bytes);
      for (const [name] of data) this.files.flush(name);
      this.files.append('fields.jsonl', text);
      this.files.flush('fields.jsonl');
    } catch (error) {
      this.cut();
      throw error;
    }
    this.reader.journal.take(line, text.length, this.index);
  }

  /** Cut every file back to the last field that is whole. */
  private cut(): void {
    for (const name of DATA_FILES) this.files.truncate(name, this.reader.journal.ends[name]);
  }

  private async writeIndex(index: ResultIndex): Promise<void> {
    await this.files.writeIndex(new TextEncoder().encode(formatIndex(index)));
    this.reader.index = index;
  }

  private check({ cells, tokens, distance, ...evidence }: NewField): void {
    const { tokens: layout, radiusUnit } = this.index;
    const { dim } = layout;
    if (cells.radiusUnit !== radiusUnit) throw unusable(`radii in steps of ${cells.radiusUnit}`);
    if (distance !== null && !Number.isFinite(distance)) throw unusable(`distance ${distance}`);
    const sizes = tokens && [tokens.classToken.length, tokens.patchTokens.length];
    if (sizes && (sizes[0] !== dim || sizes[1] !== dim * tokenCount(layout))) {
      throw unusable(`tokens of ${sizes.join(' and ')} numbers`);
    }
    this.checkEvidence(evidence);
  }

  /** JSON has no NaN, and fields are of one size: anything else would end the journal here. */
  private checkEvidence({ attention, contribution, ...said }: StoredEvidence): void {
    const tokens = tokenCount(this.index.tokens);
    const { logit, classShare, gate, partnerLogit, partnerGate } = said;
    const numbers = [logit, classShare, gate ?? 0, partnerLogit ?? 0, partnerGate ?? 0];
    if (attention.length !== tokens || contribution.length !== tokens) {
      throw unusable(`${attention.length} and ${contribution.length} of ${tokens} tokens`);
    }
    if (!numbers.every(Number.isFinite)) throw unusable(numbers.join(', '));
  }
}

function unusable(detail: string): CytolensError {
  return new CytolensError(
    'internal',
    'A model gave no usable answer for a field, so the field was not kept.',
    detail,
  );
}
