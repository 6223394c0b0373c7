/** Reading of stored results, while they are written or after. */
import type { FieldStain } from '../../analysis/missed.ts';
import type { CellTable } from '../../core/cells.ts';
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import { crc32 } from './crc32.ts';
import { INDEX_FILE, type ResultSource } from './files.ts';
import { type Place, parseIndex, type ResultHead, type ResultIndex } from './index-file.ts';
import { extendJournal, Journal, tokenCount, windowed } from './journal.ts';
import {
  cellBytes,
  decodeCells,
  decodeEvidence,
  decodeTokens,
  evidenceBytes,
  type StoredTokens,
  type TokenEvidence,
  tokenBytes,
} from './layout.ts';

/** What a head said of one field (methods sheet, section 1). */
export interface StoredEvidence extends TokenEvidence {
  logit: number;
  classShare: number;
  /** log of the field's summed attention before it is normalised; null when the head has none. */
  gate: number | null;
  /** Logit of the head's other variant; null when there is none. */
  partnerLogit: number | null;
  /** Its gate; null as above. */
  partnerGate: number | null;
}

/** One finished field as it was stored, without its tokens. */
export interface StoredField extends StoredEvidence {
  /** Number of the field in this folder, from 0. */
  i: number;
  place: Place;
  /** The field's own cells; columns that depend on a head, and `field`, are zero. */
  cells: CellTable;
  /** Distance to the encoder's known tissue; null without a bank. */
  distance: number | null;
  /** Areas in um2; null in results of versions that did not look. */
  stain: FieldStain | null;
  /** The head whose evidence this is: a place in the index's list of heads. */
  head: number;
}

export interface OpenOptions {
  /** Share of the work done, 0 to 1. */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

export interface ReadOptions extends OpenOptions {
  /** First field to read. */
  from?: number;
  /**
   * Head whose evidence is wanted, a place in the index's list. A field that it has not answered
   * comes with the evidence of another, which `StoredField.head` names: ask the head again.
   */
  head?: number;
}

/** Whether two entries are the same weights, with the same partner. */
export function sameHead(a: ResultHead, b: ResultHead): boolean {
  return a.sha256 === b.sha256 && a.partnerSha256 === b.partnerSha256;
}

/**
 * Open results and check every field. What a crash left torn at the end is passed over. Throws
 * `not-found` without an index, `format`, `unsupported`, `cancelled`, and what the source throws.
 */
export async function openResults(
  source: ResultSource,
  { onProgress, signal }: OpenOptions = {},
): Promise<ResultReader> {
  const index = await readIndex(source);
  const journal = new Journal();
  await extendJournal(journal, source, index, onProgress, signal);
  return new ResultReader(source, index, journal);
}

/** The index alone. Throws like `openResults`. */
export async function readIndex(source: ResultSource): Promise<ResultIndex> {
  const bytes = await source.read(INDEX_FILE);
  if (bytes.length === 0) {
    throw new CytolensError(
      'not-found',
      'There are no Cytolens results here: index.json is missing. Pick the folder or the .cytolens.zip that holds it.',
    );
  }
  return parseIndex(new TextDecoder().decode(bytes));
}

export class ResultReader {
  constructor(
    readonly source: ResultSource,
    public index: ResultIndex,
    readonly journal: Journal,
  ) {}

  /** Finished fields. */
  get count(): number {
    return this.journal.fields.length;
  }

  /** Place of a head in the index's list; -1 when it never answered here. */
  headOf(head: ResultHead): number {
    return this.index.heads.findIndex((other) => sameHead(head, other));
  }

  /**
   * Take in what a writer elsewhere has finished since; gives the number of new fields. Throws
   * `format` when it began anew meanwhile, `cancelled`, and what the source throws.
   */
  async refresh(signal?: AbortSignal): Promise<number> {
    const before = this.count;
    const index = await readIndex(this.source);
    if (index.created !== this.index.created) throw changed(`begun anew at ${index.created}`);
    this.index = index;
    await extendJournal(this.journal, this.source, this.index, undefined, signal);
    return this.count - before;
  }

  /** Finished fields in their order. Throws `cancelled` and what the source throws. */
  async *fields(options: ReadOptions = {}): AsyncGenerator<StoredField, void, undefined> {
    const { from = 0, head = 0, onProgress, signal } = options;
    const cells = windowed(this.source, 'cells.bin');
    const evidence = windowed(this.source, 'evidence.bin');
    const { tokens, radiusUnit } = this.index;
    const grid = tokenCount(tokens);
    const end = this.count;
    for (let i = from; i < end; i++) {
      throwIfAborted(signal);
      const { col, row, distance, stain, ...line } = this.journal.fields[i];
      const { evidenceAt, ...answer } = this.journal.answer(i, head);
      const found = await cells(line.cellsAt, cellBytes(line.cells));
      const said = await evidence(evidenceAt, evidenceBytes(grid));
      if (!found || !said) throw changed(`field ${i}`);
      yield {
        i,
        place: { col, row },
        cells: decodeCells(found, line.cells, radiusUnit),
        distance,
        stain,
        head: answer.head,
        logit: answer.logit,
        classShare: answer.classShare,
        gate: answer.gate,
        partnerLogit: answer.partnerLogit,
        partnerGate: answer.partnerGate,
        ...decodeEvidence(said, grid),
      };
      onProgress?.((i + 1 - from) / (end - from));
    }
  }

  /**
   * Tokens of field `i`, read now; null when they were not kept. Throws `format` when they are not
   * those that were written, and what the source throws.
   */
  async tokensOf(i: number): Promise<StoredTokens | null> {
    const { tokensAt, tokensCrc } = this.journal.fields[i];
    if (tokensAt === null) return null;
    const { dim } = this.index.tokens;
    const end = tokensAt + tokenBytes(tokenCount(this.index.tokens), dim);
    const bytes = await this.source.read('tokens.bin', tokensAt, end);
    if (bytes.length < end - tokensAt || crc32(bytes) !== tokensCrc)
      throw changed(`tokens of ${i}`);
    return decodeTokens(bytes, dim);
  }
}

function changed(detail: string): CytolensError {
  return new CytolensError(
    'format',
    'These stored results changed under the reader, so they are not used. Open them again; if that fails too, analyse the slide again.',
    detail,
  );
}
