/**
 * The running account of an analysis: cells found so far, each field's tokens, and what of every
 * token went to which cell. It keeps the partition conserved while fields arrive in any order: a
 * new field brings cells that reach into its neighbours, whose tokens are then shared out again.
 */
import {
  appendCells,
  type CellTable,
  cellBounds,
  createCells,
  insideStar,
  RAYS,
} from '../core/cells.ts';
import { contains, type Rect } from '../core/geometry.ts';
import type { FieldStain } from './missed.ts';
import type { Detections } from './nuclei.ts';
import { type Overlap, RawOverlap, type TokenGrid } from './overlap.ts';
import { type FieldPlace, fieldRect, placeKey } from './plan.ts';

/** What the head said of one field: [K, gated attention] decomposed as in the methods sheet. */
export interface FieldEvidence {
  logit: number;
  classShare: number;
  /** Softmax weights, one a token; they sum to 1. */
  attention: Float32Array;
  /** a_i (w_p . p_i), one a token, signed. */
  contribution: Float32Array;
  /** log of the summed, not normalised attention: weighs fields on a slide; null without one. */
  gate: number | null;
  /** Logit and gate of the head's other variant on the same embedding; null when there is none. */
  partnerLogit: number | null;
  partnerGate: number | null;
}

/** What the encoder made of one field: enough to ask another head. Rounded to half precision. */
export interface FieldTokens {
  classToken: Float32Array;
  patchTokens: Float32Array;
}

export interface FieldReading extends FieldEvidence {
  /** Distance to the encoder's known tissue (model/bank.ts); null without a bank. */
  distance: number | null;
  /** Null in results of versions that did not look. */
  stain: FieldStain | null;
  /** Null when they are kept elsewhere. */
  tokens: FieldTokens | null;
}

export interface LedgerField extends FieldReading {
  id: number;
  place: FieldPlace;
  grid: TokenGrid;
  /** Null once all its neighbours are in, and no further cell can reach it. */
  raw: RawOverlap | null;
  overlap: Overlap;
  /** Rows of the cells it owns: `count` of them from `first` on. */
  first: number;
  count: number;
  /** Cells whose outline box meets this field. */
  cells: number[];
}

/** Detections in segmenter px, and how to bring them to level-0 px. */
export interface FieldDetections {
  found: Detections;
  /** Level-0 px of the segmenter window's corner and per segmenter px. */
  originX: number;
  originY: number;
  scale: number;
}

/** What one field changed: rows appended, and earlier rows whose values are new. */
export interface LedgerChange {
  field: LedgerField;
  first: number;
  count: number;
  /** Rows (old and new) with changed values. */
  touched: Uint32Array;
}

/** The squares that evidence is told for, from the field's corner. */
export interface FieldGrid {
  rows: number;
  cols: number;
  /** Level-0 px. */
  tokenSide: number;
}

/** Two detections this close, in um, near a shared edge are one nucleus seen twice. */
const SAME_UM = 2;
/** A centre may lie this far outside its field, in um, and still be taken: else a nucleus exactly
 * on an edge could be disowned by both sides. The twin is then recognised. */
const SLACK_UM = 1;
/** Radii are stored in steps of this many um: 255 steps reach 31.9 um. */
const RADIUS_STEP_UM = 0.125;
/** Tokens of fields are kept up to this many bytes: about 440 fields of the built-in encoder. */
const TOKEN_BUDGET = 64 * 2 ** 20;

/** Level-0 px of one radius step: what every table of a slide with this scale shares. */
export function radiusUnitOf(mpp: number): number {
  return RADIUS_STEP_UM / mpp;
}

export class Ledger {
  readonly cells: CellTable;
  readonly fields: LedgerField[] = [];
  private readonly byPlace = new Map<number, LedgerField>();
  private readonly bins = new Map<number, number[]>();
  /** Planned places that will bring no field: they are out of focus. */
  private readonly leftOut = new Set<number>();
  private tokenBytes = 0;

  constructor(
    /** um per level-0 px. */
    private readonly mpp: number,
    /** Side of a field, level-0 px. */
    private readonly side: number,
    private readonly tokenGrid: FieldGrid,
    /** Keys of every field that will be analysed: decides who owns a cell on an outer edge. */
    private readonly planned: ReadonlySet<number>,
  ) {
    this.cells = createCells(1024, radiusUnitOf(mpp));
  }

  add(place: FieldPlace, detections: FieldDetections, reading: FieldReading): LedgerChange {
    const rect = fieldRect(place, this.side);
    return this.admit(place, this.take(place, rect, detections), reading);
  }

  /**
   * Take in a field whose own cells are known: what `add` made of it, read back from disk. Fields
   * admitted in the order of an earlier account give the same account.
   */
  admit(place: FieldPlace, cells: CellTable, reading: FieldReading): LedgerChange {
    const id = this.fields.length;
    const rect = fieldRect(place, this.side);
    cells.field.fill(id, 0, cells.count);
    const first = appendCells(this.cells, cells);
    const count = this.cells.count - first;
    const dirty = new Set<LedgerField>();
    for (let index = first; index < this.cells.count; index++) {
      for (const key of this.keysOf(index)) {
        this.bin(key).push(index);
        const neighbour = this.byPlace.get(key);
        if (!neighbour?.raw) continue;
        neighbour.raw.add(this.cells, [index]);
        dirty.add(neighbour);
      }
    }
    const field = this.open(id, place, rect, reading, first);
    dirty.add(field);
    const touched = this.share(dirty);
    this.settle(place);
    return { field, first, count, touched };
  }

  /** A planned field brings nothing: it is out of focus. */
  leaveOut(place: FieldPlace): void {
    this.leftOut.add(placeKey(place.col, place.row));
    this.settle(place);
  }

  /** Take what another head says of every field, in the order of `fields`; cells follow. */
  reassess(evidence: readonly FieldEvidence[]): void {
    this.fields.forEach((field, i) => {
      Object.assign(field, evidence[i]);
    });
    this.share(new Set(this.fields));
  }

  /** Fields whose tokens a cell may touch. */
  fieldsOf(index: number): LedgerField[] {
    return this.keysOf(index)
      .map((key) => this.byPlace.get(key))
      .filter((field) => field !== undefined);
  }

  private open(
    id: number,
    place: FieldPlace,
    rect: Rect,
    reading: FieldReading,
    first: number,
  ): LedgerField {
    const { rows, cols, tokenSide } = this.tokenGrid;
    const grid = { x: rect.x, y: rect.y, side: tokenSide, cols, rows };
    const key = placeKey(place.col, place.row);
    const raw = new RawOverlap(grid);
    const cells = this.bin(key);
    raw.add(this.cells, cells);
    const tokens = this.keep(reading.tokens);
    const count = this.cells.count - first;
    const overlap = raw.normalised();
    const field = { id, place, ...reading, tokens, grid, raw, cells, overlap, first, count };
    this.fields.push(field);
    this.byPlace.set(key, field);
    return field;
  }

  private keep(tokens: FieldTokens | null): FieldTokens | null {
    if (!tokens) return null;
    const bytes = tokens.classToken.byteLength + tokens.patchTokens.byteLength;
    if (this.tokenBytes + bytes > TOKEN_BUDGET) return null;
    this.tokenBytes += bytes;
    return tokens;
  }

  /** The detections this field owns, in level-0 px, without those already known. */
  private take(place: FieldPlace, rect: Rect, d: FieldDetections): CellTable {
    const { found, scale } = d;
    const taken = createCells(found.count, this.cells.radiusUnit);
    const slack = SLACK_UM / this.mpp;
    const wide = {
      x: rect.x - slack,
      y: rect.y - slack,
      w: rect.w + 2 * slack,
      h: rect.h + 2 * slack,
    };
    for (let i = 0; i < found.count; i++) {
      const x = d.originX + found.x[i] * scale;
      const y = d.originY + found.y[i] * scale;
      if (!contains(wide, x, y) && !this.isOuter(rect, d, i, x, y)) continue;
      if (this.isKnown(place, d, i, x, y)) continue;
      const row = taken.count++;
      taken.x[row] = x;
      taken.y[row] = y;
      for (let k = 0; k < RAYS; k++) {
        const units = (found.radii[i * RAYS + k] * scale) / taken.radiusUnit;
        taken.radii[row * RAYS + k] = Math.max(1, Math.min(255, Math.round(units)));
      }
      taken.type[row] = found.type[i];
      taken.confidence[row] = Math.round(found.prob[i] * 255);
      taken.area[row] = found.area[i] * (scale * this.mpp) ** 2;
    }
    return taken;
  }

  /** A cell centred outside of every planned field that still covers some of this one. */
  private isOuter(rect: Rect, d: FieldDetections, i: number, x: number, y: number): boolean {
    const key = placeKey(Math.floor(x / this.side), Math.floor(y / this.side));
    if (this.planned.has(key)) return false;
    const nearX = Math.min(Math.max(x, rect.x), rect.x + rect.w);
    const nearY = Math.min(Math.max(y, rect.y), rect.y + rect.h);
    return insideStar(d.found.radii, i * RAYS, (nearX - x) / d.scale, (nearY - y) / d.scale);
  }

  /**
   * Whether an earlier field brought this nucleus: the centres lie close, or one of them within the
   * other's outline, as with a long nucleus of which each field saw another part best.
   */
  private isKnown(place: FieldPlace, d: FieldDetections, i: number, x: number, y: number): boolean {
    const near = SAME_UM / this.mpp;
    const { radiusUnit, radii, x: xs, y: ys } = this.cells;
    for (let row = place.row - 1; row <= place.row + 1; row++) {
      for (let col = place.col - 1; col <= place.col + 1; col++) {
        for (const other of this.bins.get(placeKey(col, row)) ?? []) {
          const [dx, dy] = [xs[other] - x, ys[other] - y];
          const apart = Math.hypot(dx, dy);
          if (apart < near) return true;
          if (apart > 255 * radiusUnit) continue;
          if (insideStar(radii, other * RAYS, -dx / radiusUnit, -dy / radiusUnit)) return true;
          if (insideStar(d.found.radii, i * RAYS, dx / d.scale, dy / d.scale)) return true;
        }
      }
    }
    return false;
  }

  private bin(key: number): number[] {
    const known = this.bins.get(key);
    if (known) return known;
    const fresh: number[] = [];
    this.bins.set(key, fresh);
    return fresh;
  }

  /** Keys of the field squares that a cell's outline box meets. */
  private keysOf(index: number): number[] {
    const box = cellBounds(this.cells, index);
    const keys: number[] = [];
    // In fine mode a field's squares reach a little beyond its own right and lower edge.
    const { cols, tokenSide } = this.tokenGrid;
    const over = cols * tokenSide - this.side;
    const from = (low: number) => Math.floor((low - over) / this.side);
    for (let row = from(box.y); row * this.side < box.y + box.h; row++) {
      for (let col = from(box.x); col * this.side < box.x + box.w; col++) {
        keys.push(placeKey(col, row));
      }
    }
    return keys;
  }

  /** Let go of what only later neighbours would have needed: most of a field's memory. */
  private settle({ col, row }: FieldPlace): void {
    for (const place of around(col, row)) {
      const field = this.byPlace.get(placeKey(place.col, place.row));
      if (!field?.raw) continue;
      const open = around(place.col, place.row).some((p) => {
        const key = placeKey(p.col, p.row);
        return this.planned.has(key) && !this.byPlace.has(key) && !this.leftOut.has(key);
      });
      if (!open) field.raw = null;
    }
  }

  /** Share out the tokens of `dirty` fields anew and re-sum every cell they hold. */
  private share(dirty: Set<LedgerField>): Uint32Array {
    const touched = new Set<number>();
    for (const field of dirty) {
      field.overlap = field.raw?.normalised() ?? field.overlap;
      for (const index of field.cells) touched.add(index);
    }
    const { attention, contribution, purity, tokens } = this.cells;
    const fields = new Set<LedgerField>();
    for (const index of touched) {
      attention[index] = contribution[index] = purity[index] = tokens[index] = 0;
      for (const field of this.fieldsOf(index)) fields.add(field);
    }
    for (const field of fields) {
      const { cell, token, share } = field.overlap;
      for (let e = 0; e < cell.length; e++) {
        const index = cell[e];
        if (!touched.has(index)) continue;
        attention[index] += share[e] * field.attention[token[e]];
        contribution[index] += share[e] * field.contribution[token[e]];
        purity[index] = Math.max(purity[index], share[e]);
        tokens[index]++;
      }
    }
    return Uint32Array.from(touched).sort();
  }
}

/** A place and its eight neighbours. */
function around(col: number, row: number): FieldPlace[] {
  return [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => ({ col: col + dx, row: row + dy })));
}
