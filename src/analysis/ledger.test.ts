import { describe, expect, it } from 'vitest';
import { Ledger } from './ledger.ts';
import { fieldRect, placeKey } from './plan.ts';
import { scoreOf } from './score.ts';
import { circles, evidence } from './testing.ts';

/** A 448 px field with a 32 px margin at 0.25 um/px, as the built-in models cut it. */
const SIDE = 448;
const MARGIN = 32;
const MPP = 0.25;
const BIAS = -0.3;

const asked = (temperature = 1) => ({
  types: 4,
  head: { bias: BIAS, temperature },
  partner: null,
  isUnfamiliar: null,
  pooling: 'mean' as const,
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

/** What a perfect segmenter would find of `nuclei` (level-0 px) in a field's window. */
function seen(nuclei: readonly (readonly [number, number, number])[], col: number, row: number) {
  const rect = fieldRect({ col, row }, SIDE);
  const originX = rect.x - MARGIN;
  const originY = rect.y - MARGIN;
  const window = SIDE + 2 * MARGIN;
  const inside = nuclei
    .map(([x, y, r]) => [x - originX, y - originY, r] as const)
    .filter(([x, y]) => x > 0 && y > 0 && x < window && y < window);
  return { found: circles(inside), originX, originY, scale: 1 };
}

function run(nuclei: readonly (readonly [number, number, number])[], order: [number, number][]) {
  const planned = new Set(order.map(([col, row]) => placeKey(col, row)));
  const ledger = new Ledger(MPP, SIDE, { rows: 14, cols: 14, tokenSide: SIDE / 14 }, planned);
  for (const [col, row] of order) {
    ledger.add(
      { col, row },
      seen(nuclei, col, row),
      evidence(196, BIAS, seeded(col * 7 + row + 1)),
    );
  }
  return ledger;
}

const ORDER: [number, number][] = [
  [2, 2],
  [3, 2],
  [2, 3],
  [3, 3],
];

function scatter(count: number): [number, number, number][] {
  const random = seeded(42);
  const nuclei: [number, number, number][] = [];
  while (nuclei.length < count) {
    const [x, y] = [SIDE * (1.9 + 2.2 * random()), SIDE * (1.9 + 2.2 * random())];
    if (nuclei.every(([a, b]) => Math.hypot(a - x, b - y) > 30))
      nuclei.push([x, y, 8 + 8 * random()]);
  }
  return nuclei;
}

describe('the account of an analysis', () => {
  const nuclei = scatter(300);
  const isIn = ([x, y]: readonly [number, number, number]) =>
    x >= 2 * SIDE && x < 4 * SIDE && y >= 2 * SIDE && y < 4 * SIDE;

  it('finds each nucleus once, also those on shared edges and corners', () => {
    const onEdges: [number, number, number][] = [
      [3 * SIDE, 2.5 * SIDE, 12],
      [3 * SIDE - 0.5, 3.3 * SIDE, 12],
      [2.4 * SIDE, 3 * SIDE + 0.5, 12],
      [3 * SIDE, 3 * SIDE, 12],
    ];
    expect(run(onEdges, ORDER).cells.count).toBe(4);
  });

  it('a nucleus across an edge that each field centres on its own side is one, neighbours are two', () => {
    const [left, right] = [placeKey(2, 2), placeKey(3, 2)];
    const counted = (apart: number) => {
      const ledger = new Ledger(
        MPP,
        SIDE,
        { rows: 14, cols: 14, tokenSide: SIDE / 14 },
        new Set([left, right]),
      );
      const x = 3 * SIDE;
      const y = 2.5 * SIDE;
      ledger.add(
        { col: 2, row: 2 },
        seen([[x - apart / 2, y, 14]], 2, 2),
        evidence(196, BIAS, seeded(1)),
      );
      ledger.add(
        { col: 3, row: 2 },
        seen([[x + apart / 2, y, 14]], 3, 2),
        evidence(196, BIAS, seeded(1)),
      );
      return ledger.cells.count;
    };
    expect(counted(12)).toBe(1);
    expect(counted(30)).toBe(2);
  });

  it('finds every nucleus of the region and no ghosts', () => {
    const { cells } = run(nuclei, ORDER);
    const inside = nuclei.filter(isIn);
    const reaching = nuclei.filter(
      ([x, y, r]) => x > 2 * SIDE - r && x < 4 * SIDE + r && y > 2 * SIDE - r && y < 4 * SIDE + r,
    );
    expect(cells.count).toBeGreaterThanOrEqual(inside.length);
    expect(cells.count).toBeLessThanOrEqual(reaching.length);
    for (const [x, y] of inside) {
      let twins = 0;
      for (let i = 0; i < cells.count; i++) {
        if (Math.hypot(cells.x[i] - x, cells.y[i] - y) < 4) twins++;
      }
      expect(twins).toBe(1);
    }
  });

  it('conserves attention and contribution to 1e-4, whatever the order', () => {
    for (const order of [ORDER, [...ORDER].reverse()]) {
      const ledger = run(nuclei, order);
      const { cells, fields } = ledger;
      let attention = 0;
      for (let i = 0; i < cells.count; i++) attention += cells.attention[i];
      for (const field of fields) {
        field.attention.forEach((a, t) => {
          attention += a * field.overlap.rest[t];
        });
      }
      expect(attention).toBeCloseTo(fields.length, 4);
      const score = scoreOf(fields, cells, asked());
      expect(Math.abs(score.residual)).toBeLessThan(1e-4);
      expect(score.logit).toBeCloseTo(
        fields.reduce((sum, f) => sum + f.logit, 0) / fields.length,
        9,
      );
    }
  });

  it('a cell gets the same values whichever field came first', () => {
    const a = run(nuclei, ORDER).cells;
    const b = run(nuclei, [...ORDER].reverse()).cells;
    expect(a.count).toBe(b.count);
    for (let i = 0; i < a.count; i++) {
      const j = b.x.findIndex((x, k) => k < b.count && x === a.x[i] && b.y[k] === a.y[i]);
      expect(j).toBeGreaterThanOrEqual(0);
      expect(b.attention[j]).toBeCloseTo(a.attention[i], 6);
      expect(b.contribution[j]).toBeCloseTo(a.contribution[i], 6);
      expect(b.purity[j]).toBeCloseTo(a.purity[i], 6);
      expect(b.tokens[j]).toBe(a.tokens[i]);
    }
  });

  it('tells which earlier cells a new field changed', () => {
    const planned = new Set([placeKey(2, 2), placeKey(3, 2)]);
    const ledger = new Ledger(MPP, SIDE, { rows: 14, cols: 14, tokenSide: SIDE / 14 }, planned);
    const edge: [number, number, number][] = [[3 * SIDE - 4, 2.5 * SIDE, 12]];
    ledger.add({ col: 2, row: 2 }, seen(edge, 2, 2), evidence(196, BIAS, seeded(1)));
    const before = ledger.cells.attention[0];
    const change = ledger.add({ col: 3, row: 2 }, seen(edge, 3, 2), evidence(196, BIAS, seeded(2)));
    expect(change.count).toBe(0);
    expect([...change.touched]).toEqual([0]);
    expect(ledger.cells.attention[0]).toBeGreaterThan(before);
  });

  it('gives the outline that was found, in level-0 px', () => {
    const { cells } = run([[2.5 * SIDE, 2.5 * SIDE, 12]], ORDER);
    expect(cells.x[0]).toBeCloseTo(2.5 * SIDE, 3);
    expect(cells.radii[0] * cells.radiusUnit).toBeCloseTo(12, 1);
    expect(cells.area[0]).toBeCloseTo(Math.PI * 9, 0);
  });
});

describe('the score of a region', () => {
  it('has no interval from a few fields, and one that holds the score from many', () => {
    const few = run([], ORDER);
    expect(scoreOf(few.fields, few.cells, asked()).interval).toBeNull();
    const many = run(
      [],
      Array.from({ length: 20 }, (_, i): [number, number] => [i % 5, Math.floor(i / 5)]),
    );
    const { interval, probability } = scoreOf(many.fields, many.cells, asked(1.5));
    expect(interval).not.toBeNull();
    const [low, high] = interval ?? [1, 0];
    expect(low).toBeLessThan(probability);
    expect(high).toBeGreaterThan(probability);
  });
});

describe('memory', () => {
  it('is let go of when no further cell can reach a field, and the account stays the same', () => {
    const random = seeded(3);
    const nuclei = Array.from({ length: 300 }, () => {
      const at = () => 448 + random() * 448 * 4;
      return [at(), at(), 6 + random() * 14] as const;
    });
    const order = Array.from({ length: 16 }, (_, i): [number, number] => [
      1 + (i % 4),
      1 + (i >> 2),
    ]);
    const ledger = run(nuclei, order);
    expect(ledger.fields.every((field) => field.raw === null)).toBe(true);
    for (const field of ledger.fields) {
      const share = field.overlap.cell.reduce(
        (sum, _, e) => sum + field.overlap.share[e] * field.attention[field.overlap.token[e]],
        field.overlap.rest.reduce((sum, r, t) => sum + r * field.attention[t], 0),
      );
      expect(share).toBeCloseTo(1, 4);
    }
  });
});
