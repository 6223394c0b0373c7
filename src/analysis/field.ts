/** One field through the three models: pixels in, detections and evidence out. */
import { CytolensError } from '../core/errors.ts';
import { grow, type Rect } from '../core/geometry.ts';
import type { Kit, KitFolders } from '../model/kit.ts';
import { cropShrink, toTensor } from '../model/tensor.ts';
import { readRegion } from '../slide/region.ts';
import type { RgbaImage, Slide } from '../slide/slide.ts';
import { askHeads } from './heads.ts';
import type { FieldDetections, FieldReading } from './ledger.ts';
import { decodeNuclei } from './nuclei.ts';

/** How a kit cuts a slide; lengths in um unless named px. */
export interface FieldGeometry {
  /** Side of a field: what the encoder sees. */
  fieldUm: number;
  /** Extra tissue around the field that only the segmenter sees, so that no cell is cut. */
  marginUm: number;
  /** Segmenter px of the margin, and segmenter px per encoder px. */
  marginPx: number;
  shrink: number;
}

/**
 * The encoder's square decides the field, the segmenter's larger square the margin. Throws
 * `unsupported` when the two cannot share one reading of the pixels.
 */
export function fieldGeometry(kit: Kit | KitFolders): FieldGeometry {
  const seg = kit.segmenter.manifest.input;
  const enc = kit.encoder.manifest.input;
  const fieldUm = enc.px * enc.mpp;
  const marginUm = (seg.px * seg.mpp - fieldUm) / 2;
  const marginPx = marginUm / seg.mpp;
  const shrink = enc.mpp / seg.mpp;
  if (marginUm < 0 || !isWhole(marginPx) || !isWhole(shrink) || shrink < 1) {
    throw new CytolensError(
      'unsupported',
      `The encoder "${kit.encoder.manifest.name}" and the segmenter "${kit.segmenter.manifest.name}" look at scales that do not fit together.`,
      `encoder ${enc.px} px at ${enc.mpp}, segmenter ${seg.px} px at ${seg.mpp} um/px`,
    );
  }
  return { fieldUm, marginUm, marginPx: Math.round(marginPx), shrink: Math.round(shrink) };
}

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6;
}

/** The segmenter's window of a field: pixels with margin, at the segmenter's scale. */
export async function readField(
  slide: Slide,
  rect: Rect,
  mpp: number,
  kit: Kit,
  geometry: FieldGeometry,
  signal?: AbortSignal,
): Promise<RgbaImage> {
  const { px } = kit.segmenter.manifest.input;
  return readRegion(slide, grow(rect, geometry.marginUm / mpp), px, px, signal);
}

/** What the models said, and how long their calls took (ms): the floor of any pipeline. */
export interface FieldResult {
  detections: FieldDetections;
  reading: FieldReading;
  modelMs: number;
}

export async function runField(
  pixels: RgbaImage,
  rect: Rect,
  mpp: number,
  kit: Kit,
  geometry: FieldGeometry,
): Promise<FieldResult> {
  const { segmenter, encoder, bank } = kit;
  const seg = segmenter.manifest;
  const enc = encoder.manifest;
  const segInput = toTensor(pixels, seg.input.mean, seg.input.std);
  const small = cropShrink(pixels, geometry.marginPx, geometry.shrink);
  const encInput = toTensor(small, enc.input.mean, enc.input.std);

  let modelMs = 0;
  const timed = async <T>(run: Promise<T>, start = performance.now()): Promise<T> => {
    const result = await run;
    modelMs += performance.now() - start;
    return result;
  };
  const maps = await timed(segmenter.run({ [seg.input.name]: segInput }));
  const seen = await timed(encoder.run({ [enc.input.name]: encInput }));
  const tokens = {
    classToken: seen[enc.outputs.class_token].data,
    patchTokens: seen[enc.outputs.patch_tokens].data,
  };
  const evidence = await timed(askHeads(kit, tokens));

  const prob = maps[seg.outputs.prob];
  const [rows, cols] = prob.dims.slice(-2);
  const found = decodeNuclei(
    {
      rows,
      cols,
      prob: prob.data,
      dist: maps[seg.outputs.dist].data,
      type: maps[seg.outputs.type].data,
      types: seg.segmenter.types.length,
    },
    seg.segmenter,
  );
  const window = grow(rect, geometry.marginUm / mpp);
  return {
    detections: { found, originX: window.x, originY: window.y, scale: seg.input.mpp / mpp },
    reading: { ...evidence, tokens, distance: bank?.distance(tokens.classToken) ?? null },
    modelMs,
  };
}
