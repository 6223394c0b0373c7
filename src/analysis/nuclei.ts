/**
 * From the segmenter's maps to star-convex cells: candidates by object probability, then
 * non-maximum suppression on the outlines themselves (after StarDist, Schmidt et al. 2018), then
 * what the candidates of one nucleus agree on (consensus.ts).
 */
import { insideStar, RAY_COS, RAY_SIN, RAYS, starArea } from '../core/cells.ts';
import { Consensus } from './consensus.ts';
import type { StarMaps, StarOptions } from './star-maps.ts';

/** Detections of one field as columns; lengths in the segmenter's input px. */
export interface Detections {
  count: number;
  x: Float32Array;
  y: Float32Array;
  /** RAYS radii a detection. */
  radii: Float32Array;
  type: Uint8Array;
  prob: Float32Array;
  area: Float32Array;
}

/** A centre within this share of the mean radius of a more probable one is the same nucleus. */
const CORE = 0.5;
/** Rings of the polar grid on which the overlap of two outlines is measured. */
const RINGS = 5;

/** Decode one field. Most probable first; deterministic. */
export function decodeNuclei(maps: StarMaps, options: StarOptions): Detections {
  const { prob, dist, rows, cols } = maps;
  const plane = rows * cols;
  const { stride } = options;
  const order = candidates(prob, options.probThreshold);
  const kept: number[] = [];
  // Accepted outlines are binned by place so that each candidate meets only its neighbours.
  const reach = maxRadius(order, dist, plane);
  const bins = new Bins(cols * stride, rows * stride, Math.max(2 * reach, 4 * stride));
  const shapes = new Shapes(order.length);
  for (const index of order) {
    const x = ((index % cols) + 0.5) * stride;
    const y = (Math.floor(index / cols) + 0.5) * stride;
    const near = bins.near(x, y);
    // Most candidates lie in the core of one already taken: told before their outline is read.
    if (near.some((other) => shapes.inCore(other, x, y))) continue;
    const slot = shapes.put(x, y, dist, index, plane);
    if (near.some((other) => shapes.same(slot, other, options.nmsIou))) {
      shapes.drop();
      continue;
    }
    bins.add(x, y, slot);
    kept.push(index);
  }
  return collect(kept, shapes, maps, options);
}

/** Map cells at or above the threshold, by descending probability, ties by place. */
function candidates(prob: Float32Array, threshold: number): Uint32Array {
  let n = 0;
  for (let i = 0; i < prob.length; i++) if (prob[i] >= threshold) n++;
  const indices = new Uint32Array(n);
  for (let i = 0, k = 0; i < prob.length; i++) if (prob[i] >= threshold) indices[k++] = i;
  return indices.sort((a, b) => prob[b] - prob[a] || a - b);
}

function maxRadius(order: Uint32Array, dist: Float32Array, plane: number): number {
  let max = 0;
  for (const index of order) {
    for (let k = 0; k < RAYS; k++) max = Math.max(max, dist[k * plane + index]);
  }
  return max;
}

function collect(kept: number[], shapes: Shapes, maps: StarMaps, options: StarOptions): Detections {
  const count = kept.length;
  const consensus = new Consensus(maps, options);
  const radii = shapes.radii.slice(0, count * RAYS);
  return {
    count,
    x: shapes.x.slice(0, count),
    y: shapes.y.slice(0, count),
    radii,
    type: Uint8Array.from(kept, (index, i) => consensus.settle(index, radii, i * RAYS)),
    prob: Float32Array.from(kept, (index) => maps.prob[index]),
    area: Float32Array.from(kept, (_, i) => starArea(radii, i * RAYS)),
  };
}

/** Accepted star outlines, with the one question asked of them: are two the same nucleus? */
class Shapes {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly radii: Float32Array;
  readonly area: Float32Array;
  private readonly mean: Float32Array;
  private readonly far: Float32Array;
  private count = 0;

  constructor(capacity: number) {
    this.x = new Float32Array(capacity);
    this.y = new Float32Array(capacity);
    this.radii = new Float32Array(capacity * RAYS);
    this.area = new Float32Array(capacity);
    this.mean = new Float32Array(capacity);
    this.far = new Float32Array(capacity);
  }

  put(x: number, y: number, dist: Float32Array, index: number, plane: number): number {
    const slot = this.count++;
    this.x[slot] = x;
    this.y[slot] = y;
    let [sum, far] = [0, 0];
    for (let k = 0; k < RAYS; k++) {
      const r = Math.max(0, dist[k * plane + index]);
      this.radii[slot * RAYS + k] = r;
      sum += r;
      far = Math.max(far, r);
    }
    this.mean[slot] = sum / RAYS;
    this.far[slot] = far;
    this.area[slot] = starArea(this.radii, slot * RAYS);
    return slot;
  }

  drop(): void {
    this.count--;
  }

  inCore(slot: number, x: number, y: number): boolean {
    return Math.hypot(this.x[slot] - x, this.y[slot] - y) < CORE * this.mean[slot];
  }

  same(a: number, b: number, nmsIou: number): boolean {
    const distance = Math.hypot(this.x[a] - this.x[b], this.y[a] - this.y[b]);
    if (distance >= this.far[a] + this.far[b]) return false;
    return this.shareMore(a, b, nmsIou / (1 + nmsIou));
  }

  /**
   * Whether a and b share more than `part` of the sum of their areas, measured on a polar grid
   * inside the smaller outline; stops as soon as the answer is certain.
   */
  private shareMore(a: number, b: number, part: number): boolean {
    const [small, large] = this.area[a] < this.area[b] ? [a, b] : [b, a];
    let squares = 0;
    for (let k = 0; k < RAYS; k++) squares += this.radii[small * RAYS + k] ** 2;
    // A grid point stands for r^2 * (share of the way out): together RINGS / 2 a ray.
    let left = (squares * RINGS) / 2;
    let needed = (left * part * (this.area[a] + this.area[b])) / this.area[small];
    for (let k = 0; k < RAYS; k++) {
      const r = this.radii[small * RAYS + k];
      for (let ring = 0; ring < RINGS; ring++) {
        const at = (ring + 0.5) / RINGS;
        const weight = r * r * at;
        left -= weight;
        const px = this.x[small] + r * at * RAY_COS[k];
        const py = this.y[small] + r * at * RAY_SIN[k];
        if (insideStar(this.radii, large * RAYS, px - this.x[large], py - this.y[large])) {
          needed -= weight;
        }
        if (needed < 0) return true;
        if (needed > left) return false;
      }
    }
    return false;
  }
}

class Bins {
  private readonly cols: number;
  private readonly lists: number[][];

  constructor(
    width: number,
    height: number,
    private readonly size: number,
  ) {
    this.cols = Math.ceil(width / size) + 2;
    const rows = Math.ceil(height / size) + 2;
    this.lists = Array.from({ length: this.cols * rows }, () => []);
  }

  private at(x: number, y: number): number {
    return (Math.floor(y / this.size) + 1) * this.cols + Math.floor(x / this.size) + 1;
  }

  add(x: number, y: number, slot: number): void {
    this.lists[this.at(x, y)].push(slot);
  }

  /** Slots of the bin of a place and its eight neighbours. */
  near(x: number, y: number): number[] {
    const centre = this.at(x, y);
    const found: number[] = [];
    for (let dy = -this.cols; dy <= this.cols; dy += this.cols) {
      for (let dx = -1; dx <= 1; dx++) found.push(...this.lists[centre + dy + dx]);
    }
    return found;
  }
}
