/** What is known of all cells at once: domains, ranks, counts by type, mean size. Kept up to date row by row. */
import type { CellTable } from '../core/cells.ts';
import { RAYS } from '../core/cells.ts';
import { bin, Distribution, RANK_BINS } from './distribution.ts';
import { type Domain, hiddenTypesOf, type OverlayStyle, type OverlayValue } from './style.ts';

/** Ends of a domain stand at this quantile, so that a few outliers do not wash out the rest. */
export const ROBUST = 0.99;

/** Attention density of a cell, 1/um2: A_c / area (methods sheet, section 1). */
export function densityOf(table: CellTable, index: number): number {
  const area = table.area[index];
  return area > 0 ? table.attention[index] / area : 0;
}

export class Statistics {
  readonly density = new Distribution();
  readonly strength = new Distribution();
  readonly typeCounts = new Uint32Array(256);
  /** Bin of each cell's attention density: what its rank is looked up by, here and when drawn. */
  densityBins = new Uint16Array(0);
  private strengthBins = new Uint16Array(0);
  private readonly rankTable = new Float32Array(RANK_BINS);
  private ranksFor = -1;
  private radiusSum = 0;
  private rows = 0;
  /** Changes whenever values do. */
  version = 0;

  /** Take in rows `from` to `to`, which were not taken in before. */
  append(table: CellTable, from: number, to = table.count): void {
    if (to > this.densityBins.length) {
      this.densityBins = grown(this.densityBins, to);
      this.strengthBins = grown(this.strengthBins, to);
    }
    for (let i = from; i < to; i++) {
      this.typeCounts[table.type[i]]++;
      let sum = 0;
      for (let k = i * RAYS; k < (i + 1) * RAYS; k++) sum += table.radii[k];
      this.radiusSum += (sum / RAYS) * table.radiusUnit;
    }
    this.rows += to - from;
    this.addValues(table, from, to);
  }

  /** Attention or contribution of rows `from` to `to` has changed; rows not yet taken in are left. */
  revalue(table: CellTable, from: number, to: number): void {
    const end = Math.min(to, this.rows);
    for (let i = from; i < end; i++) {
      this.density.removeBin(this.densityBins[i]);
      this.strength.removeBin(this.strengthBins[i]);
    }
    this.addValues(table, from, end);
  }

  clear(): void {
    this.density.clear();
    this.strength.clear();
    this.typeCounts.fill(0);
    this.radiusSum = 0;
    this.rows = 0;
    this.version++;
  }

  /** Mean diameter of a cell, level-0 px. */
  get meanDiameter(): number {
    return this.rows > 0 ? (2 * this.radiusSum) / this.rows : 0;
  }

  /** Rank by attention density for every bin of `bin()`. */
  get ranks(): Float32Array<ArrayBuffer> {
    if (this.ranksFor !== this.version) {
      this.density.ranks(this.rankTable);
      this.ranksFor = this.version;
    }
    return this.rankTable;
  }

  /** Share of analysed cells with a lower attention density than this cell, 0..1. */
  rankOf(index: number): number {
    return this.ranks[this.densityBins[index]];
  }

  /** Contribution: symmetric, to the 99th percentile of |C|. Attention density: 0 to the 99th percentile. */
  domain(value: OverlayValue): Domain {
    if (value === 'type') return [0, 1];
    if (value === 'attention') return [0, this.density.quantile(ROBUST) || 1];
    const end = this.strength.quantile(ROBUST) || 1;
    return [-end, end];
  }

  /** Whether the style draws a cell: the same rule as the cell shader's. */
  shows(style: OverlayStyle, table: CellTable, index: number): boolean {
    if (hiddenTypesOf(style).includes(table.type[index])) return false;
    // Rounded as the graphics card rounds it, so that what is drawn can be picked.
    const threshold = Math.fround(style.threshold);
    if (style.value === 'attention') return this.rankOf(index) >= threshold;
    if (style.value === 'contribution') {
      return Math.abs(table.contribution[index]) >= threshold;
    }
    return true;
  }

  private addValues(table: CellTable, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      this.densityBins[i] = bin(densityOf(table, i));
      this.strengthBins[i] = bin(Math.abs(table.contribution[i]));
      this.density.addBin(this.densityBins[i]);
      this.strength.addBin(this.strengthBins[i]);
    }
    this.version++;
  }
}

function grown(bins: Uint16Array<ArrayBuffer>, rows: number): Uint16Array<ArrayBuffer> {
  const more = new Uint16Array(Math.max(rows, 2 * bins.length));
  more.set(bins);
  return more;
}

/** Robust domain of a value over a whole table. */
export function domainOf(table: CellTable, value: OverlayValue): Domain {
  const statistics = new Statistics();
  statistics.append(table, 0);
  return statistics.domain(value);
}
