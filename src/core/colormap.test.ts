import { describe, expect, test } from 'vitest';
import type { Rgb, SequentialMap } from './colormap.ts';
import {
  cssColor,
  cssGradient,
  fromOklab,
  lookup,
  type lut,
  parseHex,
  toOklab,
} from './colormap.ts';

const SEQUENTIAL: SequentialMap[] = ['viridis', 'cividis', 'batlow'];
const lightness = (name: Parameters<typeof lut>[0], i: number) => toOklab(lookup(name, i / 255))[0];

describe('colour maps', () => {
  test.each(SEQUENTIAL)('%s gets lighter at every step, evenly', (name) => {
    // Bytes round, so single steps may stall; over 4 of them the eye must see a gain.
    for (let i = 4; i < 256; i++) {
      expect(lightness(name, i)).toBeGreaterThan(lightness(name, i - 4));
    }
    expect(lightness(name, 255) - lightness(name, 0)).toBeGreaterThan(0.5);
  });

  test('vik is lightest in the middle and about equally dark at both ends', () => {
    for (let i = 0; i < 128; i++) {
      expect(Math.abs(lightness('vik', i) - lightness('vik', 255 - i))).toBeLessThan(0.12);
    }
    for (let i = 4; i < 128; i++) {
      expect(lightness('vik', i)).toBeGreaterThan(lightness('vik', i - 4));
      expect(lightness('vik', 255 - i)).toBeGreaterThan(lightness('vik', 259 - i));
    }
  });

  // Published entries (index, colour) that lie between the anchors kept in the code.
  test.each([
    ['viridis', 24, [72, 35, 116]],
    ['viridis', 200, [112, 207, 87]],
    ['cividis', 72, [75, 84, 108]],
    ['batlow', 40, [19, 75, 97]],
    ['vik', 100, [160, 197, 216]],
  ] as const)('%s agrees with its published entry %i', (name, index, published) => {
    const got = lookup(name, index / 255);
    for (let c = 0; c < 3; c++) expect(Math.abs(got[c] - published[c])).toBeLessThanOrEqual(3);
  });

  test('lookup clamps and does not fail on NaN', () => {
    expect(lookup('viridis', -1)).toEqual([0x44, 0x01, 0x54]);
    expect(lookup('viridis', 7)).toEqual([0xfd, 0xe7, 0x25]);
    expect(lookup('viridis', Number.NaN)).toEqual(lookup('viridis', 0));
  });

  test('OKLab round trip and reference white', () => {
    const white = toOklab([255, 255, 255]);
    expect(white[0]).toBeCloseTo(1, 4);
    for (const rgb of [
      [12, 200, 90],
      [250, 3, 77],
      [0, 0, 0],
    ] as Rgb[]) {
      expect(fromOklab(toOklab(rgb))).toEqual(rgb);
    }
  });

  test('CSS', () => {
    expect(cssColor([0, 18, 97])).toBe('#001261');
    expect(parseHex('#c86c3f')).toEqual([200, 108, 63]);
    const gradient = cssGradient('vik', 3);
    expect(gradient).toMatch(/^linear-gradient\(90deg, #001261, #[0-9a-f]{6}, #590008\)$/);
  });
});
