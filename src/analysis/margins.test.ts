/**
 * Cells cut by a field's edge are found once: the drawn slide's own nuclei, seen by a perfect
 * segmenter field by field with its margin, against the same nuclei seen in one big field.
 */
import { describe, expect, it } from 'vitest';
import { insideStar, RAY_COS, RAY_SIN, RAYS } from '../core/cells.ts';
import {
  createPainter,
  DEFAULT_SYNTHETIC,
  syntheticInfo,
  truthOf,
} from '../slide/synthetic/synthetic.ts';
import { Ledger } from './ledger.ts';
import { decodeNuclei } from './nuclei.ts';
import { fieldRect, placeKey } from './plan.ts';
import type { StarMaps } from './star-maps.ts';
import { evidence } from './testing.ts';

/** The built-in models' geometry at 0.25 um/px. */
const SIDE = 448;
const MARGIN = 32;
const STRIDE = 4;
const OPTIONS = { stride: STRIDE, probThreshold: 0.5, nmsIou: 0.1 };
const COUNT = 3;
const FIRST = 52;
/** Longest distance a map tells, px. */
const FAR = 96;

interface Star {
  x: number;
  y: number;
  radii: Float64Array;
}

/** A drawn nucleus as 32 radii: where each ray last crosses its outline. */
function starOf({ x, y, outline }: { x: number; y: number; outline: Float32Array }): Star {
  const radii = Float64Array.from({ length: RAYS }, (_, k) => {
    let far = 0.5;
    for (let i = 0; i < outline.length; i += 2) {
      const j = (i + 2) % outline.length;
      const [ax, ay] = [outline[i] - x, outline[i + 1] - y];
      const [ex, ey] = [outline[j] - x - ax, outline[j + 1] - y - ay];
      const cross = RAY_COS[k] * ey - RAY_SIN[k] * ex;
      const place = (ax * RAY_SIN[k] - ay * RAY_COS[k]) / cross;
      if (place >= 0 && place <= 1) far = Math.max(far, (ax * ey - ay * ex) / cross);
    }
    return far;
  });
  return { x, y, radii };
}

/** Maps of a perfect segmenter over a window whose corner is (x0, y0), level-0 px. */
function mapsOf(cells: readonly Star[], x0: number, y0: number, px: number): StarMaps {
  const cols = px / STRIDE;
  const plane = cols * cols;
  const maps: StarMaps = {
    rows: cols,
    cols,
    types: 1,
    prob: new Float32Array(plane),
    dist: new Float32Array(plane * RAYS),
    type: new Float32Array(plane),
  };
  for (const cell of cells) {
    const reach = Math.max(...cell.radii);
    const from = (v: number, o: number) => Math.max(0, Math.floor((v - o - reach) / STRIDE));
    const to = (v: number, o: number) => Math.min(cols - 1, Math.ceil((v - o + reach) / STRIDE));
    for (let row = from(cell.y, y0); row <= to(cell.y, y0); row++) {
      for (let col = from(cell.x, x0); col <= to(cell.x, x0); col++) {
        const [dx, dy] = [x0 + (col + 0.5) * STRIDE - cell.x, y0 + (row + 0.5) * STRIDE - cell.y];
        if (!insideStar(cell.radii, 0, dx, dy)) continue;
        const at = row * cols + col;
        // The nearest border against the deepest point's: what the training targets are.
        let nearest = FAR;
        for (let k = 0; k < RAYS; k++) {
          const reached = borderFrom(cell.radii, dx, dy, k);
          maps.dist[k * plane + at] = reached;
          nearest = Math.min(nearest, reached);
        }
        maps.prob[at] = Math.max(maps.prob[at], Math.min(1, nearest / Math.min(...cell.radii)));
      }
    }
  }
  return maps;
}

/** How far ray k runs inside a star from a point in it, by halving. */
function borderFrom(radii: ArrayLike<number>, dx: number, dy: number, k: number): number {
  let [inside, outside] = [0, FAR];
  for (let step = 0; step < 12; step++) {
    const r = (inside + outside) / 2;
    if (insideStar(radii, 0, dx + r * RAY_COS[k], dy + r * RAY_SIN[k])) inside = r;
    else outside = r;
  }
  return inside;
}

describe('cells on the edges of fields', () => {
  const region = { x: FIRST * SIDE, y: FIRST * SIDE, w: COUNT * SIDE, h: COUNT * SIDE };
  const around = { x: region.x - 200, y: region.y - 200, w: region.w + 400, h: region.h + 400 };
  const painter = createPainter(DEFAULT_SYNTHETIC);
  const truth = truthOf(painter, syntheticInfo(DEFAULT_SYNTHETIC), around).map(starOf);

  it('are found once: no twins, none lost, the count of one big field within 1 %', {
    timeout: 60_000,
  }, () => {
    const big = decodeNuclei(
      mapsOf(truth, region.x - MARGIN, region.y - MARGIN, region.w + 2 * MARGIN),
      OPTIONS,
    );
    const centres: [number, number][] = [];
    for (let i = 0; i < big.count; i++) {
      const [x, y] = [big.x[i] - MARGIN, big.y[i] - MARGIN];
      if (x >= 0 && y >= 0 && x < region.w && y < region.h) centres.push([x, y]);
    }
    expect(centres.length).toBeGreaterThan(150);

    const places = Array.from({ length: COUNT * COUNT }, (_, i) => ({
      col: FIRST + (i % COUNT),
      row: FIRST + Math.floor(i / COUNT),
    }));
    const planned = new Set(places.map(({ col, row }) => placeKey(col, row)));
    const ledger = new Ledger(0.25, SIDE, { rows: 14, cols: 14, tokenSide: SIDE / 14 }, planned);
    for (const place of places) {
      const rect = fieldRect(place, SIDE);
      const [originX, originY] = [rect.x - MARGIN, rect.y - MARGIN];
      const found = decodeNuclei(mapsOf(truth, originX, originY, SIDE + 2 * MARGIN), OPTIONS);
      ledger.add(
        place,
        { found, originX, originY, scale: 1 },
        evidence(196, 0, () => 0.5),
      );
    }
    const { x, y, count } = ledger.cells;
    const tiled: [number, number][] = [];
    for (let i = 0; i < count; i++) {
      const [u, v] = [x[i] - region.x, y[i] - region.y];
      if (u >= 0 && v >= 0 && u < region.w && v < region.h) tiled.push([u, v]);
    }
    expect(Math.abs(tiled.length / centres.length - 1)).toBeLessThan(0.01);
    // 2 um: two detections that close are one nucleus.
    const near = (list: [number, number][], u: number, v: number) =>
      list.filter(([a, b]) => Math.hypot(a - u, b - v) < 8).length;
    expect(tiled.filter(([u, v]) => near(tiled, u, v) > near(centres, u, v))).toHaveLength(0);
    const lost = centres.filter(([u, v]) => near(tiled, u, v) === 0);
    expect(lost.length / centres.length).toBeLessThan(0.01);
  });
});
