import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../core/random.ts';
import type { RgbaImage } from './slide.ts';
import {
  DAB,
  type Density,
  EOSIN,
  HAEMATOXYLIN,
  REFERENCE_LOOK,
  residualOf,
  restain,
  type StainLook,
  stainLook,
  unit,
  unmixing,
} from './stain.ts';

/** Pixels that mix two stains at random; some hold one alone, some are glass. */
function mixture({ haematoxylin, eosin }: Pick<StainLook, 'haematoxylin' | 'eosin'>): RgbaImage {
  const random = mulberry32(4);
  const [width, height] = [80, 80];
  const data = new Uint8ClampedArray(4 * width * height);
  for (let at = 0; at < data.length; at += 4) {
    const kind = random();
    const h = kind < 0.2 || kind > 0.9 ? 0 : 0.6 + random();
    const e = kind > 0.7 ? 0 : 0.6 + random();
    for (let c = 0; c < 3; c++) {
      data[at + c] = Math.round(240 * Math.exp(-(h * haematoxylin[c] + e * eosin[c])) - 1);
    }
    data[at + 3] = 255;
  }
  return { width, height, data };
}

const degrees = (a: Density, b: Density) => {
  const [p, q] = [unit(a), unit(b)];
  return (Math.acos(Math.min(1, p[0] * q[0] + p[1] * q[1] + p[2] * q[2])) * 180) / Math.PI;
};

describe('stain directions', () => {
  it.each([
    ['the reference', REFERENCE_LOOK],
    ['another', { haematoxylin: unit([0.7, 0.65, 0.3]), eosin: unit([0.2, 0.9, 0.38]) }],
  ])('of a picture of known ones are found within a degree: %s', (_, look) => {
    const found = stainLook(mixture(look));
    expect(found).not.toBeNull();
    if (!found) return;
    expect(degrees(found.haematoxylin, look.haematoxylin)).toBeLessThan(1);
    expect(degrees(found.eosin, look.eosin)).toBeLessThan(1);
    expect(found.strength[0]).toBeCloseTo(1.59, 1);
  });

  it('glass tells none', () => {
    const data = new Uint8ClampedArray(4 * 64 * 64).fill(250);
    expect(stainLook({ width: 64, height: 64, data })).toBeNull();
  });

  it('unmixing gives back what was mixed', () => {
    const stains = [unit(HAEMATOXYLIN), unit(EOSIN), unit(DAB)] as const;
    const mix = unmixing(...stains);
    stains.forEach((stain, s) => {
      [0, 1, 2].forEach((row) => {
        const amount =
          mix[3 * row] * stain[0] + mix[3 * row + 1] * stain[1] + mix[3 * row + 2] * stain[2];
        expect(amount).toBeCloseTo(row === s ? 1 : 0, 9);
      });
    });
    const residual = residualOf(stains[0], stains[1]);
    expect(degrees(residual, stains[0])).toBeCloseTo(90, 6);
  });

  it('a restained picture has the look that was asked for', () => {
    const image = mixture({ haematoxylin: unit([0.7, 0.65, 0.3]), eosin: unit([0.2, 0.9, 0.38]) });
    const from = stainLook(image);
    if (!from) throw new Error('no look');
    const after = stainLook(restain(image, from, REFERENCE_LOOK));
    expect(degrees(after?.haematoxylin ?? DAB, REFERENCE_LOOK.haematoxylin)).toBeLessThan(2);
    expect(degrees(after?.eosin ?? DAB, REFERENCE_LOOK.eosin)).toBeLessThan(2);
    expect(after?.strength[0]).toBeCloseTo(1.97, 0);
  });
});
