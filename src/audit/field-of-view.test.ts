import { describe, expect, it } from 'vitest';
import { askHeads } from '../analysis/heads.ts';
import { roundCells } from '../analysis/testing.ts';
import { toTensor } from '../model/tensor.ts';
import { createSyntheticSlide, DEFAULT_SYNTHETIC } from '../slide/synthetic/synthetic.ts';
import { fieldOfView } from './field-of-view.ts';
import { readFieldPixels } from './stress/field.ts';
import { colourKit, SIDE } from './testing/colour-kit.ts';

const slide = createSyntheticSlide(DEFAULT_SYNTHETIC);
const place = { col: 160, row: 200 };
const [x, y] = [place.col * SIDE, place.row * SIDE];
/** On a grid over the whole region, and two that reach out of it. */
const cells = roundCells([
  ...Array.from({ length: 36 }, (_, i): [number, number, number] => [
    x - SIDE + (0.4 + (i % 6) * 0.62) * SIDE,
    y - SIDE + (0.4 + Math.floor(i / 6) * 0.62) * SIDE,
    10,
  ]),
  [x - SIDE, y, 10],
  [x + 3 * SIDE, y, 10],
]);

describe('field of view', () => {
  it('begins with the field itself; a map holds all attention and agrees with itself', async () => {
    const kit = colourKit(7);
    const steps: [number, number][] = [];
    const said = await fieldOfView(slide, kit, { place, side: SIDE, cells }, (...step) =>
      steps.push(step),
    );
    expect(said.rect).toEqual({ x: x - SIDE, y: y - SIDE, w: 4 * SIDE, h: 4 * SIDE });
    expect(said.cells).toBe(36);
    expect(steps.at(-1)).toEqual([21, 21]);

    const { input, outputs } = kit.encoder.manifest;
    const picture = await readFieldPixels(slide, { x, y, w: SIDE, h: SIDE }, kit);
    const seen = await kit.encoder.run({ i: toTensor(picture, input.mean, input.std) });
    const alone = await askHeads(kit, {
      classToken: seen[outputs.class_token].data,
      patchTokens: seen[outputs.patch_tokens].data,
    });
    expect(said.contexts.map(({ um, fields }) => [um, fields])).toEqual([
      [32, 1],
      [64, 4],
      [128, 16],
    ]);
    expect(said.contexts[0].probability).toBeCloseTo(1 / (1 + Math.exp(-alone.logit)), 6);
    // The whole region at the finest scale is the widest context.
    expect(said.sights[0].probability).toBe(said.contexts[2].probability);
    expect(said.sights.map(({ mpp, side }) => [mpp, side])).toEqual([
      [0.5, 8],
      [1, 4],
      [2, 2],
    ]);
    for (const { attention } of said.sights) {
      expect(attention.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
    }
    expect(said.sights[0].agreement).toBe(1);
    // Mean red is nearly the same however coarse it is read.
    expect(said.sights[2].probability).toBeCloseTo(said.sights[0].probability ?? Number.NaN, 1);
  });

  it('leaves glass out, and says nothing where there is nothing else', async () => {
    const looked = { place: { col: 1, row: 1 }, side: SIDE, cells };
    const said = await fieldOfView(slide, colourKit(7), looked, () => undefined);
    for (const { fields, probability } of [...said.contexts, ...said.sights]) {
      expect(fields).toBe(0);
      expect(probability).toBeNull();
    }
    expect(said.sights[0].attention.some((value) => value !== 0)).toBe(false);
  });

  it('says nothing of the agreement on fewer than five cells', async () => {
    const few = roundCells([[x, y, 10]]);
    const looked = { place, side: SIDE, cells: few };
    const said = await fieldOfView(slide, colourKit(7), looked, () => undefined);
    expect(said.sights.map(({ agreement }) => agreement)).toEqual([null, null, null]);
  });
});
