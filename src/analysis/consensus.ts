/**
 * The outline on which a nucleus' map cells agree. Every candidate near a seed tells where it sees
 * the border; their mean, weighted by probability, is steadier than the seed's own outline (on the
 * segmenter's validation images PQ rises by about .025). training/nuclei/decode.py does the same.
 */
import { insideStar, RAY_COS, RAY_SIN, RAYS } from '../core/cells.ts';
import type { StarMaps, StarOptions } from './star-maps.ts';

/** Cells this far out of the seed, as a share of its outline, have a say; chosen on validation. */
const REACH = 0.7;

/** Reads outlines and types of seeds off one field's maps. */
export class Consensus {
  private readonly seen = new Float64Array(RAYS);
  private readonly corner = new Float64Array(2 * RAYS);
  private readonly angle = new Float64Array(RAYS);
  private readonly sum = new Float64Array(RAYS);
  private readonly votes: Float64Array;

  constructor(
    private readonly maps: StarMaps,
    private readonly options: StarOptions,
  ) {
    this.votes = new Float64Array(maps.types);
  }

  /**
   * Replace the RAYS radii at `radii[at..]` (px, as the seed's own map cell `index` gave them) by
   * those agreed on; returns the type agreed on.
   */
  settle(index: number, radii: Float32Array, at: number): number {
    const { cols, rows, prob, dist, type, types } = this.maps;
    const { stride, probThreshold } = this.options;
    const plane = rows * cols;
    const [col, row] = [index % cols, Math.floor(index / cols)];
    let far = 0;
    for (let k = 0; k < RAYS; k++) far = Math.max(far, radii[at + k]);
    const span = Math.ceil((far * REACH) / stride);
    this.sum.fill(0);
    this.votes.fill(0);
    let weight = 0;
    for (let r = Math.max(0, row - span); r <= Math.min(rows - 1, row + span); r++) {
      for (let c = Math.max(0, col - span); c <= Math.min(cols - 1, col + span); c++) {
        const voter = r * cols + c;
        const p = prob[voter];
        if (p < probThreshold) continue;
        const [x, y] = [(c - col) * stride, (r - row) * stride];
        const isSeed = voter === index;
        if (!isSeed && !insideStar(radii, at, x / REACH, y / REACH)) continue;
        if (isSeed) this.seen.set(radii.subarray(at, at + RAYS));
        else if (!this.look(x, y, dist, voter, plane)) continue;
        for (let k = 0; k < RAYS; k++) this.sum[k] += p * this.seen[k];
        for (let t = 0; t < types; t++) this.votes[t] += p * type[t * plane + voter];
        weight += p;
      }
    }
    for (let k = 0; k < RAYS; k++) radii[at + k] = this.sum[k] / weight;
    return this.votes.indexOf(Math.max(...this.votes));
  }

  /**
   * A voter's outline as radii from the seed, into `seen`; (x, y) is the voter's place relative
   * to the seed, px. Walks the polygon's edges and cuts the rays each one spans; where a ray is cut
   * twice the farther cut counts. False when the seed lies outside: the voter speaks of another
   * nucleus.
   */
  private look(x: number, y: number, dist: Float32Array, voter: number, plane: number): boolean {
    const { seen, corner, angle } = this;
    seen.fill(0);
    for (let j = 0; j < RAYS; j++) {
      const reach = Math.max(0, dist[j * plane + voter]);
      corner[2 * j] = x + reach * RAY_COS[j];
      corner[2 * j + 1] = y + reach * RAY_SIN[j];
      angle[j] = (Math.atan2(corner[2 * j + 1], corner[2 * j]) * RAYS) / (2 * Math.PI);
    }
    for (let j = 0; j < RAYS; j++) {
      const next = (j + 1) % RAYS;
      let turn = angle[next] - angle[j];
      if (turn > RAYS / 2) turn -= RAYS;
      else if (turn < -RAYS / 2) turn += RAYS;
      const from = Math.min(angle[j], angle[j] + turn);
      const [ax, ay] = [corner[2 * j], corner[2 * j + 1]];
      const [ex, ey] = [corner[2 * next] - ax, corner[2 * next + 1] - ay];
      for (let ray = Math.ceil(from); ray <= from + Math.abs(turn); ray++) {
        const k = (ray + RAYS) % RAYS;
        const cross = RAY_COS[k] * ey - RAY_SIN[k] * ex;
        if (Math.abs(cross) < 1e-9) continue;
        seen[k] = Math.max(seen[k], (ax * ey - ay * ex) / cross);
      }
    }
    return seen.every((reach) => reach > 0);
  }
}
