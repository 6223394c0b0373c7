import { describe, expect, it } from 'vitest';
import { insidePolygon, polygonArea } from '../../core/geometry.ts';
import type { RgbaImage } from '../slide.ts';
import { collide } from './cell.ts';
import { Glands } from './glands.ts';
import { createPainter, DEFAULT_SYNTHETIC } from './synthetic.ts';
import { draw, openDefault, PLACES, SLOW } from './testing/places.ts';
import { Tissue } from './tissue.ts';

/** Haematoxylin density of a pixel: the red channel, which eosin hardly touches. */
function haematoxylin(image: RgbaImage, x: number, y: number): number {
  return -Math.log((image.data[(y * image.width + x) * 4] + 1) / 244);
}

describe('ground truth', { timeout: SLOW }, () => {
  it('has every type, dense as tissue, of the size of real nuclei', () => {
    const slide = openDefault();
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
    for (const place of ['crypts', 'glands', 'nests'] as const) {
      const [col, row] = PLACES[place];
      const side = 2048;
      const count = slide.groundTruth({ x: col * 512, y: row * 512, w: side, h: side }).length;
      const perMm2 = count / (side * 0.00025) ** 2;
      expect(perMm2, place).toBeGreaterThan(2200);
      expect(perMm2, place).toBeLessThan(7000);
    }
  });

  it('is what was painted: darker in haematoxylin inside the outline than around it', async () => {
    const slide = openDefault();
    let [darker, all] = [0, 0];
    for (const place of ['crypts', 'glands', 'nests', 'stroma', 'necrosis'] as const) {
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
    const slide = openDefault();
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
    const [a, b] = [openDefault(), openDefault()];
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
    // Near a centre the direction turns fast, and the depth with it; nothing is read there.
    const at = (x: number, y: number) => Math.max(-8, glands.distance(x, y));
    for (const y of [2300, 3000, 4100]) {
      let last = at(3000, y);
      for (let x = 3000; x < 6000; x += 0.05) {
        const d = at(x, y);
        expect(Math.abs(d - last)).toBeLessThan(0.4);
        last = d;
      }
    }
  });
});
