import { describe, expect, it } from 'vitest';
import { tableOf } from './icc.ts';
import { LUT_SIDE } from './look.ts';

const ascii = (text: string) => [...text].map((c) => c.charCodeAt(0));
const be32 = (v: number) => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255];
const fixed = (v: number) => be32(Math.round(v * 65_536) >>> 0);
const xyz = (x: number, y: number, z: number) => [
  ...ascii('XYZ '),
  ...be32(0),
  ...fixed(x),
  ...fixed(y),
  ...fixed(z),
];
/** One gamma, as u8Fixed8. */
const gammaCurve = (gamma: number) => {
  const v = Math.round(gamma * 256);
  return [...ascii('curv'), ...be32(0), ...be32(1), v >> 8, v & 255, 0, 0];
};

type Primaries = [number, number, number][];
/** Columns of sRGB's matrix to XYZ, adapted to D50 (IEC 61966-2-1 with Bradford). */
const SRGB: Primaries = [
  [0.43607, 0.22249, 0.01392],
  [0.38515, 0.71687, 0.09708],
  [0.14307, 0.06061, 0.7141],
];
/** Adobe RGB (1998), adapted to D50. */
const ADOBE: Primaries = [
  [0.60974, 0.31111, 0.01947],
  [0.20528, 0.62567, 0.06087],
  [0.14919, 0.06322, 0.74457],
];

/** A matrix and gamma profile, version 2 (ICC.1:2001-04). */
function profileOf(primaries: Primaries, gamma: number, space = 'RGB '): Uint8Array<ArrayBuffer> {
  const tags: [string, number[]][] = [
    ['wtpt', xyz(0.9642, 1, 0.8249)],
    ['rXYZ', xyz(...primaries[0])],
    ['gXYZ', xyz(...primaries[1])],
    ['bXYZ', xyz(...primaries[2])],
    ['rTRC', gammaCurve(gamma)],
    ['gTRC', gammaCurve(gamma)],
    ['bTRC', gammaCurve(gamma)],
  ];
  let offset = 128 + 4 + 12 * tags.length;
  const table: number[] = [...be32(tags.length)];
  for (const [name, data] of tags) {
    table.push(...ascii(name), ...be32(offset), ...be32(data.length));
    offset += data.length;
  }
  const body = [...table, ...tags.flatMap(([, data]) => data)];
  const header = new Array<number>(128).fill(0);
  const put = (at: number, bytes: number[]) => header.splice(at, bytes.length, ...bytes);
  put(0, be32(128 + body.length));
  put(8, be32(0x02100000));
  put(12, ascii('scnr'));
  put(16, ascii(space));
  put(20, ascii('XYZ '));
  put(36, ascii('acsp'));
  put(68, [...fixed(0.9642), ...fixed(1), ...fixed(0.8249)]);
  return Uint8Array.from([...header, ...body]);
}

const at = (table: Uint8Array, r: number, g: number, b: number) => [
  ...table.subarray(3 * (r + LUT_SIDE * (g + LUT_SIDE * b))).subarray(0, 3),
];
const steps = [0, 5, 11, 16, 24, 32];

/** sRGB of a linear value in [0, 1] (IEC 61966-2-1), as a byte. */
const encode = (v: number) => {
  const c = Math.min(1, Math.max(0, v));
  return 255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);
};

/** What the matrices say, without any library: ADOBE to XYZ to linear sRGB. */
function expected(primaries: Primaries, gamma: number, rgb: number[]): number[] {
  const linear = rgb.map((v) => v ** gamma);
  const xyzOf = [0, 1, 2].map((row) =>
    primaries.reduce((sum, column, i) => sum + column[row] * linear[i], 0),
  );
  return solve(SRGB, xyzOf).map(encode);
}

/** x with SRGB x = y, by Cramer's rule. */
function solve([a, b, c]: Primaries, y: number[]): number[] {
  const det = (p: number[], q: number[], r: number[]) =>
    p[0] * (q[1] * r[2] - q[2] * r[1]) -
    q[0] * (p[1] * r[2] - p[2] * r[1]) +
    r[0] * (p[1] * q[2] - p[2] * q[1]);
  const whole = det(a, b, c);
  return [det(y, b, c) / whole, det(a, y, c) / whole, det(a, b, y) / whole];
}

describe('a colour profile', () => {
  it('of Adobe RGB is seen as its matrices say, to two levels of 255', async () => {
    const table = await tableOf(profileOf(ADOBE, 2.2));
    for (const r of steps) {
      for (const g of steps) {
        for (const b of steps) {
          const rgb = [r, g, b].map((step) => step / (LUT_SIDE - 1));
          const wanted = expected(ADOBE, 2.2, rgb);
          // Near black the curves are so steep that 16 bits of gamma tell.
          const limit = Math.min(r, g, b) < 3 ? 6 : 2;
          at(table, r, g, b).forEach((seen, i) => {
            expect(Math.abs(seen - wanted[i])).toBeLessThan(limit);
          });
        }
      }
    }
  });

  it('leaves glass white and black black', async () => {
    const table = await tableOf(profileOf(ADOBE, 1.8));
    expect(at(table, 32, 32, 32)).toEqual([255, 255, 255]);
    expect(at(table, 0, 0, 0)).toEqual([0, 0, 0]);
  });

  it('is refused in a sentence when it is damaged, or not of red, green and blue', async () => {
    const good = profileOf(SRGB, 2.2);
    await expect(tableOf(good.slice(0, 100))).rejects.toMatchObject({ tag: 'format' });
    await expect(tableOf(new Uint8Array(3000))).rejects.toMatchObject({ tag: 'format' });
    await expect(tableOf(profileOf(SRGB, 2.2, 'CMYK'))).rejects.toMatchObject({ tag: 'format' });
    expect(at(await tableOf(good), 32, 32, 32)).toEqual([255, 255, 255]);
  });
});
