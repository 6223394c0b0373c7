import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isCytolensError } from '../../core/errors.ts';
import { insidePolygon, polygonArea } from '../../core/geometry.ts';
import type { RgbaImage, TruthSlide } from '../slide.ts';
import { collide } from './cell.ts';
import { Glands } from './glands.ts';
import { createPainter, createSyntheticSlide, DEFAULT_SYNTHETIC } from './synthetic.ts';
import { Tissue } from './tissue.ts';

const open = () => createSyntheticSlide(DEFAULT_SYNTHETIC);
const draw = (slide: TruthSlide, level: number, col: number, row: number) =>
  slide.tile(level, col, row) as Promise<RgbaImage>;
const sha = (image: RgbaImage) => createHash('sha256').update(image.data).digest('hex');

/** Level-0 tiles (column, row) of the default slide by what they mostly show. */
const PLACES: Record<string, [number, number]> = {
  crypts: [33, 39],
  glands: [40, 18],
  nests: [17, 39],
  fat: [17, 56],
  necrosis: [16, 28],
  stroma: [48, 39],
};

describe('drawn slide', () => {
  it('says what it is', () => {
    const { info } = open();
    expect(info.id).toBe('synthetic-7-60000x45000-1');
    expect([info.mpp, info.objective, info.stain]).toEqual([0.25, 40, 'H&E']);
    expect(info.levels.map((l) => l.downsample)).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);
    expect(info.levels.at(-1)).toMatchObject({ width: 469, height: 352 });
  });

  it('cuts the tiles at the right and lower edge', async () => {
    const slide = createSyntheticSlide({ seed: 1, width: 700, height: 900 });
    const corner = await draw(slide, 0, 1, 1);
    expect([corner.width, corner.height]).toEqual([188, 388]);
    expect(corner.data.length).toBe(188 * 388 * 4);
  });

  it('refuses tiles off the slide, sizes out of range and aborted requests', async () => {
    const slide = open();
    const tag = (expected: string) => (e: unknown) => isCytolensError(e) && e.tag === expected;
    await expect(slide.tile(0, 118, 0)).rejects.toSatisfy(tag('not-found'));
    await expect(slide.tile(8, 0, 0)).rejects.toSatisfy(tag('not-found'));
    await expect(slide.tile(0, 0, 0, AbortSignal.abort())).rejects.toSatisfy(tag('cancelled'));
    expect(() => createSyntheticSlide({ seed: 1, width: 200_001, height: 9 })).toThrow();
  });

  it('draws the same tile whatever was drawn before it', async () => {
    const [a, b] = [open(), open()];
    const places = [...Object.values(PLACES)];
    const first = new Map<string, string>();
    for (const [c, r] of places) first.set(`${c},${r}`, sha(await draw(a, 0, c, r)));
    for (const [c, r] of places.reverse()) {
      await draw(b, 3, c >> 3, r >> 3);
      expect(sha(await draw(b, 0, c, r))).toBe(first.get(`${c},${r}`));
    }
  });

  it('keeps its pixels: a change of them must raise GENERATOR_VERSION', async () => {
    const slide = open();
    // Mean colour, not a hash: engines may differ in the last bit of a cosine.
    for (const [place, colour] of Object.entries(STORED)) {
      const [col, row] = PLACES[place];
      const mean = meanColour(await draw(slide, 0, col, row));
      for (let c = 0; c < 3; c++) expect(mean[c]).toBeCloseTo(colour[c], 1);
    }
  });

  it('has no seams', async () => {
    const slide = open();
    for (const level of [0, 2, 4, 6]) {
      const [c, r] = [(20 << 1) >> level, (18 << 1) >> level];
      const [left, right] = [await draw(slide, level, c, r), await draw(slide, level, c + 1, r)];
      const step = (x: number, y: number) => {
        const at = (i: number) => {
          const image = i < 512 ? left : right;
          return image.data[(y * image.width + (i % 512)) * 4 + 1];
        };
        return Math.abs(at(x) - at(x + 1));
      };
      let [across, within, n] = [0, 0, 0];
      for (let y = 0; y < left.height; y++) {
        across += step(511, y);
        within += (step(509, y) + step(510, y) + step(512, y) + step(513, y)) / 4;
        n++;
      }
      expect(across / n).toBeLessThan(1.35 * (within / n) + 1);
    }
  });
});

/** Mean red, green, blue of each place, rounded; see the test that reads it. */
const STORED: Record<string, [number, number, number]> = {
  glands: [0, 0, 0],
};

function meanColour({ data }: RgbaImage): number[] {
  const sum = [0, 0, 0];
  for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) sum[c] += data[i + c];
  return sum.map((s) => s / (data.length / 4));
}

/** Mean absolute and mean signed difference (grey levels) of `level + 3` to averages of `level`. */
async function against(slide: TruthSlide, level: number, col: number, row: number) {
  const fine = await draw(slide, level, col, row);
  const coarse = await draw(slide, level + 3, col >> 3, row >> 3);
  const [ox, oy] = [(col % 8) * 64, (row % 8) * 64];
  let [apart, shift, n] = [0, 0, 0];
  for (let j = 0; j < fine.height >> 3 && oy + j < coarse.height; j++) {
    for (let i = 0; i < fine.width >> 3 && ox + i < coarse.width; i++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < 64; k++) {
          const at = (j * 8 + (k >> 3)) * fine.width + i * 8 + (k & 7);
          sum += fine.data[at * 4 + c];
        }
        const d = coarse.data[((oy + j) * coarse.width + ox + i) * 4 + c] - sum / 64;
        apart += Math.abs(d);
        shift += d;
        n++;
      }
    }
  }
  return { apart: apart / n, shift: shift / n };
}

describe('coarse levels', () => {
  // Below level 5 nuclei are a tint: the means must agree, single nuclei cannot.
  const LIMITS = [6, 8, 12, 10, 10];
  for (const [place, [col, row]] of Object.entries(PLACES)) {
    it(`agree with the fine ones: ${place}`, async () => {
      const slide = open();
      for (let level = 0; level < LIMITS.length; level++) {
        const { apart, shift } = await against(slide, level, col >> level, row >> level);
        expect(apart, `level ${level} mean difference`).toBeLessThan(LIMITS[level]);
        expect(Math.abs(shift), `level ${level} shift`).toBeLessThan(5);
      }
    });
  }
});

/** Haematoxylin density of a pixel: the red channel, which eosin hardly touches. */
function haematoxylin(image: RgbaImage, x: number, y: number): number {
  return -Math.log((image.data[(y * image.width + x) * 4] + 1) / 244);
}

describe('ground truth', () => {
  it('has every type, dense as tissue, of the size of real nuclei', () => {
    const slide = open();
    const areas = new Map<string, number[]>();
    for (const [col, row] of Object.values(PLACES)) {
      const rect = { x: col * 512 - 1024, y: row * 512 - 1024, w: 2560, h: 2560 };
      for (const cell of slide.groundTruth(rect)) {
        const list = areas.get(cell.type) ?? [];
        list.push(polygonArea(cell.outline) / 16);
        areas.set(cell.type, list);
      }
    }
    const median = (type: string) => {
      const list = (areas.get(type) ?? []).sort((a, b) => a - b);
      return list[list.length >> 1];
    };
    expect([...areas.keys()].sort()).toEqual([
      'epithelial',
      'fibroblast',
      'lymphocyte',
      'necrotic',
      'neoplastic',
    ]);
    // Areas of ellipses of the usual axes, um2.
    expect(median('lymphocyte')).toBeGreaterThan(26);
    expect(median('lymphocyte')).toBeLessThan(39);
    expect(median('epithelial')).toBeGreaterThan(30);
    expect(median('epithelial')).toBeLessThan(48);
    expect(median('neoplastic')).toBeGreaterThan(48);
    expect(median('neoplastic')).toBeLessThan(110);
    expect(median('necrotic')).toBeLessThan(30);
    for (const place of ['crypts', 'glands', 'nests']) {
      const [col, row] = PLACES[place];
      const side = 2048;
      const count = slide.groundTruth({ x: col * 512, y: row * 512, w: side, h: side }).length;
      const perMm2 = count / (side * 0.00025) ** 2;
      expect(perMm2, place).toBeGreaterThan(2200);
      expect(perMm2, place).toBeLessThan(7000);
    }
  });

  it('is what was painted: darker in haematoxylin inside the outline than around it', async () => {
    const slide = open();
    let [darker, all] = [0, 0];
    for (const place of ['crypts', 'glands', 'nests', 'stroma', 'necrosis']) {
      const [col, row] = PLACES[place];
      const image = await draw(slide, 0, col, row);
      const [x0, y0] = [col * 512, row * 512];
      for (const cell of slide.groundTruth({ x: x0 + 60, y: y0 + 60, w: 392, h: 392 })) {
        const [cx, cy] = [cell.x - x0, cell.y - y0];
        if (cx < 60 || cy < 60 || cx > 452 || cy > 452) continue;
        const local = cell.outline.map((v, i) => v - (i % 2 ? y0 : x0));
        const ring = local.map((v, i) => (i % 2 ? cy + 1.35 * (v - cy) : cx + 1.35 * (v - cx)));
        let [inside, n, around, m] = [0, 0, 0, 0];
        for (let y = Math.floor(cy) - 50; y < cy + 50; y++) {
          for (let x = Math.floor(cx) - 50; x < cx + 50; x++) {
            if (insidePolygon(local, x + 0.5, y + 0.5)) {
              inside += haematoxylin(image, x, y);
              n++;
            } else if (insidePolygon(ring, x + 0.5, y + 0.5)) {
              around += haematoxylin(image, x, y);
              m++;
            }
          }
        }
        all++;
        if (inside / n > around / m + 0.03) darker++;
      }
    }
    expect(all).toBeGreaterThan(100);
    expect(darker / all).toBeGreaterThan(0.96);
  });

  it('lies where it is painted to a fraction of a pixel', async () => {
    // The outline fits best unshifted: the contrast across it falls when it is moved by a pixel.
    const slide = open();
    const [col, row] = PLACES.nests;
    const image = await draw(slide, 0, col, row);
    const cells = slide.groundTruth({ x: col * 512 + 80, y: row * 512 + 80, w: 350, h: 350 });
    const contrast = (dx: number, dy: number) => {
      let sum = 0;
      for (const { outline, x, y } of cells) {
        for (let i = 0; i < outline.length; i += 2) {
          for (const [reach, sign] of [
            [0.9, 1],
            [1.1, -1],
          ]) {
            const px = Math.floor(x + reach * (outline[i] - x) - col * 512 + dx);
            const py = Math.floor(y + reach * (outline[i + 1] - y) - row * 512 + dy);
            if (px >= 0 && py >= 0 && px < 512 && py < 512)
              sum += sign * haematoxylin(image, px, py);
          }
        }
      }
      return sum;
    };
    const centre = contrast(0, 0);
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      expect(contrast(dx, dy)).toBeLessThan(centre);
    }
  });

  it('finds the same cells from any rectangle', () => {
    const [a, b] = [open(), open()];
    const key = (c: { x: number; y: number; type: string }) => `${c.x},${c.y},${c.type}`;
    const whole = a.groundTruth({ x: 20_000, y: 9000, w: 2000, h: 2000 });
    const parts = new Set<string>();
    for (const [x, y] of [
      [21_000, 10_000],
      [20_000, 9000],
      [20_000, 10_000],
      [21_000, 9000],
    ]) {
      for (const cell of b.groundTruth({ x, y, w: 1000, h: 1000 })) parts.add(key(cell));
    }
    expect(parts).toEqual(new Set(whole.map(key)));
  });

  it('rarely lets nuclei touch', () => {
    const { nuclei } = createPainter(DEFAULT_SYNTHETIC);
    let [touching, pairs] = [0, 0];
    for (const [col, row] of Object.values(PLACES)) {
      const { cells } = nuclei.within(col * 128, row * 128, col * 128 + 400, row * 128 + 400);
      for (let i = 0; i < cells.length; i++) {
        for (let j = 0; j < i; j++) {
          if (Math.hypot(cells[i].x - cells[j].x, cells[i].y - cells[j].y) > 15) continue;
          pairs++;
          if (collide(cells[i], cells[j], 0)) touching++;
        }
      }
    }
    expect(pairs).toBeGreaterThan(1000);
    expect(touching / pairs).toBeLessThan(0.05);
  });
});

describe('tissue', () => {
  it('unbends what it bends', () => {
    const tissue = new Tissue(7, 15_000, 11_250);
    for (const [x, y] of [
      [4000, 5000],
      [5210.5, 2300.25],
      [9000, 7000],
    ]) {
      const [ux, uy] = tissue.unwarp(x + tissue.warpX(x, y), y + tissue.warpY(x, y));
      expect(Math.hypot(ux - x, uy - y)).toBeLessThan(0.5);
    }
  });

  it('gives a wall distance without jumps', () => {
    const glands = new Glands(new Tissue(7, 15_000, 11_250));
    let last = glands.distance(5000, 2300);
    for (let x = 5000; x < 5600; x += 0.5) {
      const d = glands.distance(x, 2300);
      expect(Math.abs(d - last)).toBeLessThan(2.5);
      last = d;
    }
  });
});
