import { describe, expect, it } from 'vitest';
import { insideStar, RAY_COS, RAY_SIN, RAYS, starArea } from '../core/cells.ts';
import { decodeNuclei } from './nuclei.ts';
import type { StarMaps } from './star-maps.ts';

const STRIDE = 4;
const OPTIONS = { stride: STRIDE, probThreshold: 0.5, nmsIou: 0.3 };

interface Disc {
  x: number;
  y: number;
  r: number;
  type: number;
}

/** The maps a perfect segmenter would give for discs (input px). */
function paint(discs: readonly Disc[], cols = 64, rows = 64, types = 4): StarMaps {
  const plane = cols * rows;
  const maps = {
    rows,
    cols,
    types,
    prob: new Float32Array(plane),
    dist: new Float32Array(plane * RAYS),
    type: new Float32Array(plane * types),
  };
  for (let i = 0; i < plane; i++) {
    const x = ((i % cols) + 0.5) * STRIDE;
    const y = (Math.floor(i / cols) + 0.5) * STRIDE;
    for (const disc of discs) {
      const [dx, dy] = [x - disc.x, y - disc.y];
      const d = Math.hypot(dx, dy);
      if (d >= disc.r) continue;
      maps.prob[i] = 1 - d / disc.r / 2;
      maps.type[disc.type * plane + i] = 5;
      for (let k = 0; k < RAYS; k++) {
        const along = dx * RAY_COS[k] + dy * RAY_SIN[k];
        maps.dist[k * plane + i] = -along + Math.sqrt(along * along - d * d + disc.r * disc.r);
      }
    }
  }
  return maps;
}

describe('decoding star-convex nuclei', () => {
  it('finds each disc once, with centre, size and type', () => {
    const discs = [
      { x: 40, y: 50, r: 14, type: 1 },
      { x: 120, y: 60, r: 20, type: 2 },
      { x: 200, y: 200, r: 10, type: 3 },
    ];
    const found = decodeNuclei(paint(discs), OPTIONS);
    expect(found.count).toBe(3);
    for (const disc of discs) {
      const i = found.x.findIndex((x, k) => Math.hypot(x - disc.x, found.y[k] - disc.y) < STRIDE);
      expect(found.type[i]).toBe(disc.type);
      expect(found.area[i] / (Math.PI * disc.r ** 2)).toBeCloseTo(1, 1);
    }
  });

  it('keeps two touching nuclei apart', () => {
    const found = decodeNuclei(
      paint([
        { x: 100, y: 100, r: 14, type: 1 },
        { x: 129, y: 100, r: 14, type: 1 },
      ]),
      OPTIONS,
    );
    expect(found.count).toBe(2);
  });

  it('finds nothing below the threshold', () => {
    const maps = paint([{ x: 100, y: 100, r: 14, type: 1 }]);
    maps.prob.forEach((p, i) => {
      maps.prob[i] = Math.min(p, 0.49);
    });
    expect(decodeNuclei(maps, OPTIONS).count).toBe(0);
  });

  it('measures areas and insides of stars', () => {
    const radii = new Float32Array(RAYS).fill(10);
    const polygon = (RAYS / 2) * 100 * Math.sin((2 * Math.PI) / RAYS);
    expect(starArea(radii, 0)).toBeCloseTo(polygon, 3);
    expect(insideStar(radii, 0, 9.9, 0)).toBe(true);
    expect(insideStar(radii, 0, 10.1, 0)).toBe(false);
    radii[0] = 2;
    expect(insideStar(radii, 0, 3, 0)).toBe(false);
    expect(insideStar(radii, 0, 0, -9)).toBe(true);
  });
});
