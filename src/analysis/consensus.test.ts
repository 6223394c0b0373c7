import { describe, expect, it } from 'vitest';
import { RAY_COS, RAY_SIN, RAYS } from '../core/cells.ts';
import { Consensus } from './consensus.ts';
import type { StarMaps } from './star-maps.ts';

const OPTIONS = { stride: 4, probThreshold: 0.5, nmsIou: 0.1 };
const SIDE = 12;

function maps(distance: (x: number, y: number, k: number) => number): StarMaps {
  const plane = SIDE * SIDE;
  const made: StarMaps = {
    rows: SIDE,
    cols: SIDE,
    types: 2,
    prob: new Float32Array(plane),
    dist: new Float32Array(plane * RAYS),
    type: new Float32Array(plane * 2),
  };
  for (let i = 0; i < plane; i++) {
    const [x, y] = [((i % SIDE) + 0.5) * 4 - 24, (Math.floor(i / SIDE) + 0.5) * 4 - 24];
    made.prob[i] = Math.max(0, 1 - Math.hypot(x, y) / 40);
    made.type[i] = x / 20;
    made.type[plane + i] = 0.05;
    for (let k = 0; k < RAYS; k++) made.dist[k * plane + i] = distance(x, y, k);
  }
  return made;
}

const disc = (radius: number) => (x: number, y: number, k: number) => {
  const along = x * RAY_COS[k] + y * RAY_SIN[k];
  return -along + Math.sqrt(Math.max(0, along * along - x * x - y * y + radius * radius));
};
const SEED = 6 * SIDE + 6;
const seedRadii = (from: StarMaps) =>
  Float32Array.from({ length: RAYS }, (_, k) => from.dist[k * SIDE * SIDE + SEED]);

describe('the outline candidates agree on', () => {
  it('leaves an outline on which all agree as it is', () => {
    const perfect = maps(disc(16));
    const radii = seedRadii(perfect);
    new Consensus(perfect, OPTIONS).settle(SEED, radii, 0);
    for (let k = 0; k < RAYS; k++) {
      // Polygons of other centres cut the circle elsewhere: a chord's depth apart at most.
      expect(Math.abs(radii[k] - disc(16)(2, 2, k))).toBeLessThan(0.15);
    }
  });

  it('outvotes a seed that sees the border in the wrong place', () => {
    const wrong = maps(disc(16));
    const radii = seedRadii(wrong).map((r) => r * 1.5);
    new Consensus(wrong, OPTIONS).settle(SEED, radii, 0);
    for (let k = 0; k < RAYS; k++) {
      expect(Math.abs(radii[k] / disc(16)(2, 2, k) - 1)).toBeLessThan(0.1);
    }
  });

  it('does not hear a neighbour whose outline leaves the seed out', () => {
    // Cells to the right of x = 8 belong to a small nucleus there.
    const two = maps((x, y, k) => (x > 8 ? 2 : disc(16)(x, y, k)));
    const radii = seedRadii(two);
    new Consensus(two, OPTIONS).settle(SEED, radii, 0);
    expect(Math.abs(radii[0] - disc(16)(2, 2, 0))).toBeLessThan(0.2);
  });

  it('gives the numbers of the training code', () => {
    const rough = maps((x, y, k) => 14 + 2 * Math.sin(0.7 * k + 0.1 * x) + Math.cos(0.3 * y - k));
    const radii = seedRadii(rough);
    const type = new Consensus(rough, OPTIONS).settle(SEED, radii, 0);
    // What consensus() of training/nuclei/decode.py gives on the same maps.
    const reference = [
      13.744435, 12.124836, 11.874534, 12.561245, 12.108996, 15.273441, 12.608609, 14.267407,
    ];
    reference.forEach((value, i) => {
      expect(radii[i * 4]).toBeCloseTo(value, 4);
    });
    expect(type).toBe(0);
  });
});
