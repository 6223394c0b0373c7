/** What all cells are like, and those that the gate lets pass: one pass over the columns. */
import type { CellTable } from '../core/cells.ts';
import { RANK_BINS, valueOfBin } from './distribution.ts';
import { areaSteps, LARGEST_AREA, type RangeName } from './gate.ts';
import type { Statistics } from './statistics.ts';
import { type Level, levelOf, type OverlayStyle } from './style.ts';

export interface Histogram {
  /** Cells by bin; the first and the last bin also hold what lies beyond. */
  all: Uint32Array;
  gated: Uint32Array;
  /**
   * Borders of the bins, one more than bins, in the unit of the gate's range (of attention: ranks;
   * its bins are equal steps of the logarithm of the density).
   */
  edges: number[];
}

export interface Histograms extends Record<RangeName, Histogram> {
  cells: number;
  /** Cells that the gate lets pass. */
  passing: number;
  /** By index of the type. */
  types: { all: Uint32Array; gated: Uint32Array };
  /** Ends of the axis of attention density, 1/um2. */
  densities: [low: number, high: number];
}

const BINS = 48;
const CONFIDENCE_BINS = 51;
/** The axis of areas and of densities ends where fewer cells than this share lie beyond. */
const BEYOND = 0.005;

/** Counts over whole numbers: the finest that a measure is held in. */
class Tally {
  readonly all: Uint32Array;
  readonly gated: Uint32Array;

  constructor(size: number) {
    this.all = new Uint32Array(size);
    this.gated = new Uint32Array(size);
  }

  add(at: number, passes: boolean): void {
    this.all[at]++;
    if (passes) this.gated[at]++;
  }

  /** Bins that begin at `starts`, of which the last is the end of the last bin. */
  over(starts: readonly number[], edges: number[]): Histogram {
    const sum = (counts: Uint32Array) => {
      const bins = new Uint32Array(starts.length - 1);
      let bin = 0;
      for (let at = 0; at < counts.length; at++) {
        while (bin < bins.length - 1 && at >= starts[bin + 1]) bin++;
        bins[bin] += counts[at];
      }
      return bins;
    };
    return { all: sum(this.all), gated: sum(this.gated), edges };
  }

  /** Least number that a share of all cells does not exceed. */
  quantile(share: number, cells: number): number {
    let seen = 0;
    for (let at = 0; at < this.all.length; at++) {
      seen += this.all[at];
      if (seen >= share * cells) return at;
    }
    return this.all.length - 1;
  }
}

export function histogramsOf(
  table: CellTable,
  statistics: Statistics,
  style: OverlayStyle,
): Histograms {
  const level = levelOf(style);
  const passes = statistics.passing(style, table);
  const [least, most] = statistics.domain('contribution', level);
  const areas = new Tally(areaSteps(LARGEST_AREA) + 1);
  const confidences = new Tally(256);
  const contributions = new Tally(BINS);
  const densities = new Tally(RANK_BINS);
  const types = new Tally(256);
  const { area, confidence, contribution, type } = table;
  let passing = 0;
  for (let i = 0; i < table.count; i++) {
    const pass = passes(i);
    if (pass) passing++;
    const signed = contribution[i] * statistics.weightOf(level, i);
    const bin = Math.floor(((signed - least) / (most - least)) * BINS);
    areas.add(areaSteps(area[i]), pass);
    confidences.add(confidence[i], pass);
    contributions.add(Math.max(0, Math.min(BINS - 1, bin)), pass);
    densities.add(statistics.densityBin(level, i), pass);
    types.add(type[i], pass);
  }
  const { histogram, ends } = attentionOf(densities, statistics, level, table.count);
  return {
    cells: table.count,
    passing,
    types: { all: types.all, gated: types.gated },
    area: areaOf(areas, table.count),
    confidence: confidences.over(steps(0, 5, CONFIDENCE_BINS), steps(0, 5 / 255, CONFIDENCE_BINS)),
    contribution: contributions.over(steps(0, 1, BINS), steps(least, (most - least) / BINS, BINS)),
    rank: histogram,
    densities: ends,
  };
}

/** Bins of a whole number of area steps, from zero to where few cells are larger. */
function areaOf(areas: Tally, cells: number): Histogram {
  const width = Math.max(1, Math.ceil(areas.quantile(1 - BEYOND, cells) / BINS));
  const perStep = LARGEST_AREA / areaSteps(LARGEST_AREA);
  return areas.over(steps(0, width, BINS), steps(0, width * perStep, BINS));
}

function attentionOf(densities: Tally, statistics: Statistics, level: Level, cells: number) {
  const low = densities.quantile(BEYOND, cells);
  const width = Math.max(1, Math.ceil((densities.quantile(1 - BEYOND, cells) - low) / BINS));
  const starts = steps(low, width, BINS);
  const density = statistics.density(level);
  const histogram = densities.over(
    starts,
    starts.map((start) => density.shareBelow(start)),
  );
  return { histogram, ends: [valueOfBin(starts[0]), valueOfBin(starts[BINS])] as [number, number] };
}

/** count + 1 borders of equal steps. */
function steps(first: number, width: number, count: number): number[] {
  return Array.from({ length: count + 1 }, (_, i) => first + i * width);
}
