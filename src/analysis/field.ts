/** One field through segmenter and encoder: pixels in, detections and tokens out. */
import { CytolensError } from '../core/errors.ts';
import { decodeFloat16, encodeFloat16 } from '../core/float16.ts';
import { grow, type Rect } from '../core/geometry.ts';
import type { Kit, KitFolders } from '../model/kit.ts';
import { cropShrink, type Tensor, toTensor } from '../model/tensor.ts';
import { readRegion } from '../slide/region.ts';
import type { RgbaImage, Slide } from '../slide/slide.ts';
import { MIN_SHARPNESS, sharpness } from './focus.ts';
import type { FieldDetections, FieldTokens } from './ledger.ts';
import { type FieldStain, nuclearStain } from './missed.ts';
import { decodeNuclei } from './nuclei.ts';
import { weakened, weakening } from './strong-stain.ts';

/** The models that look at pixels; a kit has them. */
export type Eyes = Pick<Kit, 'segmenter' | 'encoder'>;

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
export function fieldGeometry(kit: Eyes | KitFolders): FieldGeometry {
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
  { segmenter }: Eyes,
  geometry: FieldGeometry,
  signal?: AbortSignal,
): Promise<RgbaImage> {
  const { px } = segmenter.manifest.input;
  return readRegion(slide, grow(rect, geometry.marginUm / mpp), px, px, signal);
}

/** What segmenter and encoder saw in a field, and how long their calls took (ms). */
export interface FieldSight {
  detections: FieldDetections;
  stain: FieldStain;
  tokens: FieldTokens;
  /** In fine mode: the tokens of grids moved by half a token to the right, down, and both. */
  moved: FieldTokens[];
  modelMs: number;
}

/**
 * Run segmenter and encoder on a field's pixels; null when they are out of focus. `fine` also looks
 * with the token grid moved by half a token (fine.ts); throws `unsupported` where the margin is too
 * small for that.
 */
export async function seeField(
  pixels: RgbaImage,
  rect: Rect,
  mpp: number,
  eyes: Eyes,
  geometry: FieldGeometry,
  fine = false,
): Promise<FieldSight | null> {
  const { segmenter, encoder } = eyes;
  const seg = segmenter.manifest;
  const enc = encoder.manifest;
  const small = cropShrink(pixels, geometry.marginPx, geometry.shrink);
  if (sharpness(small, enc.input.mpp) < MIN_SHARPNESS) return null;
  const { strongestStain } = seg.segmenter;
  const factor = weakening(pixels, geometry.marginPx, seg.input.mpp, strongestStain);
  const segInput = toTensor(weakened(pixels, factor), seg.input.mean, seg.input.std);
  const encInput = toTensor(small, enc.input.mean, enc.input.std);

  const start = performance.now();
  const maps = await segmenter.run({ [seg.input.name]: segInput });
  const look = async (input: Tensor): Promise<FieldTokens> => {
    const seen = await encoder.run({ [enc.input.name]: input });
    // As they are kept, so that a head asked again later says the very same.
    return {
      classToken: toHalf(seen[enc.outputs.class_token].data),
      patchTokens: toHalf(seen[enc.outputs.patch_tokens].data),
    };
  };
  const tokens = await look(encInput);
  const moved: FieldTokens[] = [];
  for (const shift of fine ? halfTokenShifts(eyes, geometry) : []) {
    const beside = cropShrink(pixels, geometry.marginPx, geometry.shrink, shift);
    moved.push(await look(toTensor(beside, enc.input.mean, enc.input.std)));
  }
  const modelMs = performance.now() - start;

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
    stain: { ...nuclearStain(pixels, found, geometry.marginPx, seg.input.mpp), factor },
    tokens,
    moved,
    modelMs,
  };
}

/** Half a token to the right, down, and both, in segmenter px. */
function halfTokenShifts({ segmenter, encoder }: Eyes, geometry: FieldGeometry) {
  const { grid } = encoder.manifest.encoder;
  const half = geometry.fieldUm / grid[1] / 2 / segmenter.manifest.input.mpp;
  if (half > geometry.marginPx || half % geometry.shrink !== 0) {
    throw new CytolensError(
      'unsupported',
      `The encoder "${encoder.manifest.name}" leaves no margin for fine mode. Analyse without it.`,
      `${half} px of a margin of ${geometry.marginPx}`,
    );
  }
  return [
    { x: half, y: 0 },
    { x: 0, y: half },
    { x: half, y: half },
  ];
}

/** Values as half precision keeps them. */
function toHalf(values: Float32Array): Float32Array {
  return decodeFloat16(encodeFloat16(values));
}
