/** Decompressed samples -> RGBA, 8 bits. */
import type { RgbaImage } from '../slide.ts';
import { type Colour, damagedTile } from './codec.ts';

export interface Samples {
  /** Values as they come: interleaved, or plane after plane. */
  values: Uint8Array | Uint16Array | Int16Array | Int8Array;
  width: number;
  height: number;
  /** Samples a pixel. */
  samples: number;
  /** Bits that are used of each value; shown are the upper 8 of them. */
  bits: number;
  /** Added to each value first: half the range for signed samples. */
  offset?: number;
  planar?: boolean;
  colour: Colour;
  palette?: Uint8Array;
}

/** Straight RGBA of the samples. Throws `format` when there are fewer values than pixels. */
export function toRgba(source: Samples): RgbaImage {
  const { values, width, height, samples, planar = false, colour, offset = 0 } = source;
  const count = width * height;
  if (values.length < count * samples) {
    throw damagedTile(`${values.length} samples instead of ${count * samples}`);
  }
  const data = new Uint8ClampedArray(count * 4);
  const shift = source.bits > 8 ? 1 / 2 ** (source.bits - 8) : 2 ** (8 - source.bits);
  // An index into a palette is no brightness: it is taken as it is.
  const scale = colour === 'palette' ? 1 : shift;
  const step = planar ? 1 : samples;
  const plane = planar ? count : 1;
  const at = (index: number) => Math.floor((values[index] + offset) * scale);
  const opaque = samples === 4;

  for (let i = 0, s = 0, o = 0; i < count; i++, s += step, o += 4) {
    const first = at(s);
    data[o + 3] = opaque ? at(s + 3 * plane) : 255;
    if (samples >= 3) {
      data[o] = first;
      data[o + 1] = at(s + plane);
      data[o + 2] = at(s + 2 * plane);
    } else data[o] = data[o + 1] = data[o + 2] = first;
  }
  if (colour === 'ycbcr' && samples >= 3) ycbcrToRgb(data);
  if (colour === 'grey-inverted') invert(data);
  if (colour === 'palette') lookUp(data, source.palette);
  return { width, height, data };
}

/** In place; full range, BT.601 (JFIF 1.02). The array rounds and clamps. */
function ycbcrToRgb(data: Uint8ClampedArray): void {
  for (let o = 0; o < data.length; o += 4) {
    const y = data[o];
    const cb = data[o + 1] - 128;
    const cr = data[o + 2] - 128;
    data[o] = y + 1.402 * cr;
    data[o + 1] = y - 0.344136 * cb - 0.714136 * cr;
    data[o + 2] = y + 1.772 * cb;
  }
}

function invert(data: Uint8ClampedArray): void {
  for (let o = 0; o < data.length; o++) if (o % 4 !== 3) data[o] = 255 - data[o];
}

function lookUp(data: Uint8ClampedArray, palette?: Uint8Array): void {
  if (!palette) throw damagedTile('colours by index, but no palette');
  for (let o = 0; o < data.length; o += 4) {
    data.set(palette.subarray(data[o] * 3, data[o] * 3 + 3), o);
  }
}
