import { describe, expect, it } from 'vitest';
import { noiseVariants } from './noise.ts';
import { fieldView } from './variants.ts';

const PX = 8;
const grey = {
  width: 2 * PX,
  height: 2 * PX,
  data: new Uint8ClampedArray(16 * PX * PX).map((_, i) => (i % 4 === 3 ? 255 : 100)),
};
const values = Int8Array.from({ length: 3 * PX * PX }, (_, i) => (i % 9) - 4);

describe('small changes', () => {
  it('pattern and noise are of the same values, within their strength', async () => {
    const view = fieldView(grey);
    const made = await Promise.all(
      noiseVariants({ values, level: 4 }).map(async ({ id, picture }) => ({
        id,
        change: [...((await picture(view, async () => null))?.data ?? [])]
          .filter((_, i) => i % 4 < 3)
          .map((v) => v - 100),
      })),
    );
    const of = Object.fromEntries(made.map(({ id, change }) => [id, change]));
    expect(Object.keys(of)).toEqual(['pattern-2', 'pattern-4', 'noise-2', 'noise-4']);
    expect(of['pattern-4']).toEqual([...values]);
    expect(of['noise-4']).not.toEqual(of['pattern-4']);
    const sorted = (list: number[]) => [...list].sort((a, b) => a - b);
    expect(sorted(of['noise-4'])).toEqual(sorted(of['pattern-4']));
    expect(sorted(of['noise-2'])).toEqual(sorted(of['pattern-2']));
    expect(Math.max(...of['pattern-2'].map(Math.abs))).toBe(2);
  });
});
