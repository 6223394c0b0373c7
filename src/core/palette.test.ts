import { describe, expect, test } from 'vitest';
import type { Rgb } from './colormap.ts';
import { parseHex, toOklab } from './colormap.ts';
import { TYPE_COLOURS, typeColours } from './palette.ts';

/** Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB. */
const SIMULATED: Record<string, number[]> = {
  'normal sight': [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  deuteranopia: [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
  tritanopia: [
    1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039,
  ],
};

function seen(rgb: Rgb, m: number[]): Rgb {
  const linear = rgb.map((v) => (v / 255) ** 2.2);
  return [0, 3, 6].map((row) => {
    const v = m[row] * linear[0] + m[row + 1] * linear[1] + m[row + 2] * linear[2];
    return 255 * Math.min(1, Math.max(0, v)) ** (1 / 2.2);
  }) as unknown as Rgb;
}

function difference(a: Rgb, b: Rgb): number {
  const [p, q] = [toOklab(a), toOklab(b)];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

describe('cell type palette', () => {
  test.each(Object.keys(SIMULATED))('colours of known types differ under %s', (sight) => {
    const colours = TYPE_COLOURS.slice(0, 6).map(parseHex);
    for (let i = 0; i < colours.length; i++) {
      for (let j = 0; j < i; j++) {
        const [a, b] = [colours[i], colours[j]].map((c) => seen(c, SIMULATED[sight]));
        expect(difference(a, b), `${TYPE_COLOURS[i]} ${TYPE_COLOURS[j]}`).toBeGreaterThan(0.075);
      }
    }
  });

  test('colours stand out on eosin pink and haematoxylin purple', () => {
    const tissue: Rgb[] = [
      [222, 160, 200],
      [120, 80, 150],
    ];
    for (const colour of TYPE_COLOURS) {
      for (const stain of tissue) expect(difference(parseHex(colour), stain)).toBeGreaterThan(0.1);
    }
  });

  test('a type keeps its colour in whatever order a model names it', () => {
    const a = typeColours(['miscellaneous', 'inflammatory', 'epithelial', 'spindle']);
    const b = typeColours(['neoplastic', 'epithelial', 'lymphocyte', 'fibroblast', 'necrotic']);
    expect(a[1]).toEqual(b[2]);
    expect(a[2]).toEqual(b[1]);
    expect(a[3]).toEqual(b[3]);
    expect(new Set(b.map(String)).size).toBe(5);
  });

  test('unknown types take colours nobody uses', () => {
    const colours = typeColours(['alpha', 'lymphocyte', 'beta']);
    expect(new Set(colours.map(String)).size).toBe(3);
  });
});
