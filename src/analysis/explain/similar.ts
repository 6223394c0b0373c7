/**
 * Cells like a cell, on this slide. A cell's embedding is the mean of the tokens that its box touches
 * (CellViT++, arXiv:2501.05269; methods sheet, section 1); likeness is their cosine.
 */
import { type CellTable, cellBounds } from '../../core/cells.ts';
import { throwIfAborted } from '../../core/errors.ts';
import type { Rect } from '../../core/geometry.ts';
import { nextTask } from '../../core/tasks.ts';
import type { TokenSource } from '../heads.ts';
import type { FieldTokens, Ledger, LedgerField } from '../ledger.ts';
import type { TokenGrid } from '../overlap.ts';
import { Best, cosineOf, Vectors } from './vectors.ts';

/** Cells kept for search: 192 dimensions of a byte make 192 MB of it. Later cells are not searched. */
export const MOST_CELLS = 1_000_000;
/** Found by bytes and compared exactly: far more than are shown, so that rounding loses none. */
const CANDIDATES = 64;
/** Rows scanned before a cancel is looked for. */
const SLICE = 1 << 17;
/** Fields embedded before a cancel is looked for and progress told. */
const FIELDS_A_TURN = 16;

export interface SimilarCells {
  cells: { index: number; cosine: number }[];
  /** Cells that were searched, of those analysed: the rest have no tokens kept. */
  searched: number;
  of: number;
  /** Memory of the search table, bytes. */
  bytes: number;
}

/** Squares of the token grid that a cell's box touches, within its field: [col0, row0, col1, row1]. */
export function touchedTokens(
  cells: CellTable,
  index: number,
  grid: TokenGrid,
): [number, number, number, number] {
  const box = cellBounds(cells, index);
  const within = (value: number, most: number) => Math.max(0, Math.min(most - 1, value));
  return [
    within(Math.floor((box.x - grid.x) / grid.side), grid.cols),
    within(Math.floor((box.y - grid.y) / grid.side), grid.rows),
    within(Math.ceil((box.x + box.w - grid.x) / grid.side) - 1, grid.cols),
    within(Math.ceil((box.y + box.h - grid.y) / grid.side) - 1, grid.rows),
  ];
}

/** Mean of the tokens that the cell's box touches in the field that owns it, [dim]. */
export function cellEmbedding(
  cells: CellTable,
  index: number,
  grid: TokenGrid,
  tokens: FieldTokens,
): Float32Array {
  const dim = tokens.classToken.length;
  const [col0, row0, col1, row1] = touchedTokens(cells, index, grid);
  const sum = new Float32Array(dim);
  for (let row = row0; row <= row1; row++) {
    for (let col = col0; col <= col1; col++) {
      const base = (row * grid.cols + col) * dim;
      for (let d = 0; d < dim; d++) sum[d] += tokens.patchTokens[base + d];
    }
  }
  const touched = (col1 - col0 + 1) * (row1 - row0 + 1);
  for (let d = 0; d < dim; d++) sum[d] /= touched;
  return sum;
}

/** Embeddings of an account, made field by field when first asked for and kept up with it. */
export class SimilarityIndex {
  private readonly cells: Vectors;
  private fieldsTaken = 0;
  private unknown = 0;

  constructor(
    private readonly ledger: Ledger,
    private readonly source: TokenSource,
    /** Numbers a token. */
    dim: number,
    private readonly mostCells = MOST_CELLS,
  ) {
    this.cells = new Vectors(dim);
  }

  /** Take in the fields that are new. Throws `cancelled`; what was done by then stays. */
  async extend(
    onProgress: (done: number, total: number) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<void> {
    const { ledger } = this;
    while (this.fieldsTaken < ledger.fields.length) {
      const field = ledger.fields[this.fieldsTaken];
      const tokens = await this.source(field);
      // Another question may have taken the field in meanwhile.
      if (this.fieldsTaken !== field.id) continue;
      this.fieldsTaken++;
      this.take(field, tokens);
      if (this.fieldsTaken % FIELDS_A_TURN > 0) continue;
      onProgress(this.fieldsTaken, ledger.fields.length);
      await nextTask();
      throwIfAborted(signal);
    }
  }

  /**
   * The `count` most similar cells that share no token with cell `index`, of those taken in by
   * `extend`. Null when the cell's tokens are not kept. Throws `cancelled`.
   */
  async cellsLike(
    index: number,
    count: number,
    signal?: AbortSignal,
  ): Promise<SimilarCells | null> {
    const { ledger, cells } = this;
    const query = await this.embed(index);
    if (!query) return null;
    const best = new Best(Math.max(CANDIDATES, 2 * count));
    const apart = (row: number) => !this.shareTokens(index, row);
    for (let from = 0; from < cells.count; from += SLICE) {
      cells.scan(query, best, from, Math.min(cells.count, from + SLICE), apart);
      await nextTask();
      throwIfAborted(signal);
    }
    const exact: SimilarCells['cells'] = [];
    for (const { row } of best.list) {
      const vector = await this.embed(row);
      if (vector) exact.push({ index: row, cosine: cosineOf(query, vector) });
    }
    exact.sort((a, b) => b.cosine - a.cosine);
    return {
      cells: exact.slice(0, count),
      searched: cells.count - this.unknown,
      of: ledger.cells.count,
      bytes: cells.bytes,
    };
  }

  /** Rows are in the order of the fields that own them, so a field's rows are the next ones. */
  private take(field: LedgerField, tokens: FieldTokens | null): void {
    const { cells: table } = this.ledger;
    const end = Math.min(table.count, this.mostCells);
    this.cells.reserve(end);
    while (this.cells.count < end && table.field[this.cells.count] === field.id) {
      const row = this.cells.count;
      this.cells.add(tokens && cellEmbedding(table, row, field.grid, tokens));
      if (!this.cells.has(row)) this.unknown++;
    }
  }

  private async embed(index: number): Promise<Float32Array | null> {
    const { cells, fields } = this.ledger;
    const field = fields[cells.field[index]];
    const tokens = field ? await this.source(field) : null;
    return tokens && cellEmbedding(cells, index, field.grid, tokens);
  }

  /** Whether the boxes of two cells touch a common token: fields lie on one grid of tokens. */
  private shareTokens(a: number, b: number): boolean {
    const { cells, fields } = this.ledger;
    const span = (index: number) => {
      const { grid } = fields[cells.field[index]];
      const [col0, row0, col1, row1] = touchedTokens(cells, index, grid);
      const [col, row] = [Math.round(grid.x / grid.side), Math.round(grid.y / grid.side)];
      return [col + col0, row + row0, col + col1, row + row1];
    };
    const [p, q] = [span(a), span(b)];
    return p[0] <= q[2] && q[0] <= p[2] && p[1] <= q[3] && q[1] <= p[3];
  }
}

/** The square of a field, level-0 px. */
export function gridRect({ x, y, side, cols, rows }: TokenGrid): Rect {
  return { x, y, w: side * cols, h: side * rows };
}
