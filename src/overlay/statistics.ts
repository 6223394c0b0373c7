/**
 * What is known of all cells at once: domains, ranks, counts by type, sizes, and which of them a
 * style shows. Kept up to date row by row; what the slide's level needs is made when asked for.
 */
import type { CellTable } from '../core/cells.ts';
import { RAYS } from '../core/cells.ts';
import { bin, Distribution, RANK_BINS } from './distribution.ts';
import { FieldWeights } from './field-weights.ts';
import { areaSteps, boundsOf, isOpen, typeShown, within } from './gate.ts';
import {
  type Domain,
  gateOf,
  type Level,
  levelOf,
  type OverlayStyle,
  type OverlayValue,
} from './style.ts';

/** Ends of a domain stand at this quantile, so that a few outliers do not wash out the rest. */
export const ROBUST = 0.99;

/** Attention density of a cell, 1/um2: A_c / area (methods sheet, section 1). */
export function densityOf(table: Pick<CellTable, 'area' | 'attention'>, index: number): number {
  const area = table.area[index];
  return area > 0 ? table.attention[index] / area : 0;
}

/** Distributions over all cells at one level. */
class Spread {
  readonly density = new Distribution();
  /** Of |C|. */
  readonly strength = new Distribution();
  private readonly rankTable = new Float32Array(RANK_BINS);
  private ranksFor = -1;

  clear(): void {
    this.density.clear();
    this.strength.clear();
  }

  ranks(version: number): Float32Array<ArrayBuffer> {
    if (this.ranksFor !== version) {
      this.density.ranks(this.rankTable);
      this.ranksFor = version;
    }
    return this.rankTable;
  }
}

export class Statistics {
  readonly typeCounts = new Uint32Array(256);
  readonly weights = new FieldWeights();
  /** Bin of each cell's attention density in its field: what its rank is looked up by. */
  densityBins = new Uint16Array(0);
  /** 1 for each cell that `setInside` lets be inside. */
  inside = new Uint8Array(0);
  private insideTest: ((x: number, y: number) => boolean) | null = null;
  private strengthBins = new Uint16Array(0);
  private fields: Uint32Array = new Uint32Array(0);
  private readonly spreads: Record<Level, Spread> = { field: new Spread(), slide: new Spread() };
  private readonly versions: Record<Level, number> = { field: 0, slide: 0 };
  private slideFor = -1;
  private radiusSum = 0;
  private longest = 0;
  private rows = 0;

  /** Take in rows `from` to `to`, which were not taken in before. */
  append(table: CellTable, from: number, to = table.count): void {
    if (to > this.densityBins.length) {
      this.densityBins = grown(this.densityBins, to);
      this.strengthBins = grown(this.strengthBins, to);
      this.inside = grown(this.inside, to);
    }
    // Columns are looked up once: a look-up in each of 32 million turns costs more than the sum.
    const { radii, type } = table;
    let longest = 0;
    let units = 0;
    for (let i = from; i < to; i++) this.typeCounts[type[i]]++;
    for (let k = from * RAYS; k < to * RAYS; k++) {
      const radius = radii[k];
      units += radius;
      if (radius > longest) longest = radius;
    }
    this.radiusSum += (units / RAYS) * table.radiusUnit;
    this.longest = Math.max(this.longest, longest * table.radiusUnit);
    this.fields = table.field;
    this.rows += to - from;
    this.mark(table, from, to);
    this.addValues(table, from, to);
  }

  /** Attention or contribution of rows `from` to `to` has changed; rows not yet taken in are left. */
  revalue(table: CellTable, from: number, to: number): void {
    const end = Math.min(to, this.rows);
    const { density, strength } = this.spreads.field;
    for (let i = from; i < end; i++) {
      density.removeBin(this.densityBins[i]);
      strength.removeBin(this.strengthBins[i]);
    }
    this.addValues(table, from, end);
  }

  /** Mark the cells whose centre (level-0 px) passes a test, now and as they come; null for none. */
  setInside(table: CellTable, test: ((x: number, y: number) => boolean) | null): void {
    this.insideTest = test;
    this.mark(table, 0, this.rows);
    this.changed();
  }

  /** Fields weigh otherwise in the slide's logit; no cell's own values change. */
  setFieldWeights(weights: Float32Array): void {
    this.weights.set(weights);
    this.versions.slide++;
  }

  clear(): void {
    this.spreads.field.clear();
    this.weights.set(new Float32Array(0));
    this.typeCounts.fill(0);
    this.radiusSum = 0;
    this.longest = 0;
    this.rows = 0;
    this.changed();
  }

  /** Changes whenever values at this level do. */
  version(level: Level): number {
    return this.versions[level];
  }

  /** Mean diameter of a cell, level-0 px. */
  get meanDiameter(): number {
    return this.rows > 0 ? (2 * this.radiusSum) / this.rows : 0;
  }

  /** Longest ray of any cell, level-0 px. */
  get longestRadius(): number {
    return this.longest;
  }

  /** Distribution of attention density. */
  density(level: Level): Distribution {
    return this.spread(level).density;
  }

  /** Rank by attention density for every bin of `bin()`. */
  ranks(level: Level): Float32Array<ArrayBuffer> {
    return this.spread(level).ranks(this.versions[level]);
  }

  /** Bin of a cell's attention density. */
  densityBin(level: Level, index: number): number {
    const own = this.densityBins[index];
    return level === 'slide' ? this.weights.shifted(own, this.fields[index]) : own;
  }

  /** Share of analysed cells with a lower attention density than this cell, 0..1. */
  rankOf(level: Level, index: number): number {
    return this.ranks(level)[this.densityBin(level, index)];
  }

  /** Contribution: symmetric, to the 99th percentile of |C|. Attention density: 0 to the 99th percentile. */
  domain(value: OverlayValue, level: Level): Domain {
    if (value === 'type') return [0, 1];
    const { density, strength } = this.spread(level);
    if (value === 'attention') return [0, density.quantile(ROBUST) || 1];
    const end = strength.quantile(ROBUST) || 1;
    return [-end, end];
  }

  /** What a cell's attention and contribution are multiplied by at a level. */
  weightOf(level: Level, index: number): number {
    return level === 'slide' ? this.weights.weightOf(this.fields[index]) : 1;
  }

  /** Whether the gate of a style lets a cell pass: the same rule as the cell shader's. */
  passing(style: OverlayStyle, table: CellTable): (index: number) => boolean {
    const level = levelOf(style);
    const gate = gateOf(style);
    if (isOpen(gate)) return () => true;
    const bounds = boundsOf(gate);
    const ranks = gate.rank ? this.ranks(level) : null;
    const { type, area, confidence } = table;
    const { inside } = this;
    return (i) =>
      (!bounds.inside || inside[i] === 1) &&
      typeShown(bounds, type[i]) &&
      within(areaSteps(area[i]), bounds.area) &&
      within(confidence[i], bounds.confidence) &&
      within(this.contributionOf(level, table, i), bounds.contribution) &&
      (ranks === null || within(ranks[this.densityBin(level, i)], bounds.rank));
  }

  /** Whether a style draws a cell: its gate, and its threshold on the value that is coloured. */
  showing(style: OverlayStyle, table: CellTable): (index: number) => boolean {
    const passes = this.passing(style, table);
    const level = levelOf(style);
    // Rounded as the graphics card rounds it, so that what is drawn can be picked.
    const threshold = Math.fround(style.threshold);
    if (style.value === 'attention') {
      const ranks = this.ranks(level);
      return (i) => ranks[this.densityBin(level, i)] >= threshold && passes(i);
    }
    if (style.value === 'contribution') {
      return (i) => Math.abs(this.contributionOf(level, table, i)) >= threshold && passes(i);
    }
    return passes;
  }

  private contributionOf(level: Level, table: CellTable, index: number): number {
    const own = table.contribution[index];
    return level === 'slide' ? Math.fround(own * this.weightOf(level, index)) : own;
  }

  private spread(level: Level): Spread {
    if (level === 'slide' && this.slideFor !== this.versions.slide) this.spreadSlide();
    return this.spreads[level];
  }

  /** One pass over the rows: a bin times a weight is that bin shifted. */
  private spreadSlide(): void {
    const { density, strength } = this.spreads.slide;
    this.spreads.slide.clear();
    for (let i = 0; i < this.rows; i++) {
      density.addBin(this.weights.shifted(this.densityBins[i], this.fields[i]));
      strength.addBin(this.weights.shifted(this.strengthBins[i], this.fields[i]));
    }
    this.slideFor = this.versions.slide;
  }

  private addValues(table: CellTable, from: number, to: number): void {
    const { density, strength } = this.spreads.field;
    const { contribution } = table;
    const { densityBins, strengthBins } = this;
    for (let i = from; i < to; i++) {
      densityBins[i] = bin(densityOf(table, i));
      strengthBins[i] = bin(Math.abs(contribution[i]));
      density.addBin(densityBins[i]);
      strength.addBin(strengthBins[i]);
    }
    this.changed();
  }

  private mark(table: CellTable, from: number, to: number): void {
    const { inside, insideTest: test } = this;
    const { x, y } = table;
    for (let i = from; i < to; i++) inside[i] = test?.(x[i], y[i]) ? 1 : 0;
  }

  private changed(): void {
    this.versions.field++;
    this.versions.slide++;
  }
}

/** A longer column of the same kind, with what was in the former one. */
function grown<Column extends Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>(
  column: Column,
  rows: number,
): Column {
  const Kind = column.constructor as new (length: number) => Column;
  const more = new Kind(Math.max(rows, 2 * column.length));
  more.set(column);
  return more;
}
