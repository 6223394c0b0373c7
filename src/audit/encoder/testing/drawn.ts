/** Drawn tiles whose class is a texture and whose scanner is a colour, and toy encoders that know one of them. */
import { mulberry32 } from '../../../core/random.ts';
import type { RgbaImage } from '../../../slide/slide.ts';
import type { Embedder, FieldTokens } from '../embedder.ts';
import { type AuditTile, pictureSlide, type TileSet } from '../tiles.ts';

export const PX = 32;

/** What a scanner makes of white, 0..1. */
const SCANNERS = {
  plain: [1, 1, 1],
  warm: [1, 0.7, 0.55],
} as const;

/** Stripes of `width` px at a random angle, in the scanner's colour. */
export function drawnTile(
  width: number,
  tint: readonly number[],
  seed: number,
  px = PX,
): RgbaImage {
  const random = mulberry32(seed);
  const [angle, phase] = [random() * Math.PI, random() * 10];
  const data = new Uint8ClampedArray(4 * px * px);
  for (let i = 0; i < px * px; i++) {
    const along = (i % px) * Math.cos(angle) + Math.floor(i / px) * Math.sin(angle);
    const dark = Math.sin((along + phase) * (Math.PI / width)) > 0;
    const value = (dark ? 90 : 200) + 20 * random();
    data.set([value * tint[0], value * tint[1], value * tint[2], 255], 4 * i);
  }
  return { width: px, height: px, data };
}

/** Two classes, two scanners, three slides of each pair, `each` tiles a slide. */
export function drawnSet(each = 4, px = PX): TileSet {
  const tiles: AuditTile[] = [];
  for (const [biology, width] of [
    ['fine', 2],
    ['coarse', 6],
  ] as const) {
    for (const [centre, tint] of Object.entries(SCANNERS)) {
      for (let i = 0; i < 3 * each; i++) {
        const picture = drawnTile(width, tint, tiles.length, px);
        tiles.push({
          name: `tile ${tiles.length}`,
          labels: { biology, centre, group: `${biology} ${centre} ${i % 3}` },
          open: async () => pictureSlide('drawn', picture),
          middle: null,
          mpp: null,
        });
      }
    }
  }
  return { tiles, name: 'drawn tiles', notes: [], close: () => undefined };
}

/** Sees the mean colour of each quarter and nothing else. */
export function colourEncoder(): Embedder {
  return toyEncoder('colour', (mean) => mean.colour);
}

/** Sees how often brightness changes, relative to its own mean: no colour at all. */
export function textureEncoder(): Embedder {
  return toyEncoder('texture', (mean) => [1 - mean.edges, mean.edges, 0.1]);
}

interface Quarter {
  colour: number[];
  /** Share of neighbouring px that lie on different sides of the mean brightness. */
  edges: number;
}

function toyEncoder(id: string, rowOf: (quarter: Quarter) => number[]): Embedder {
  return {
    facts: {
      ...{ id, name: `Toy: ${id}`, version: '1', provider: 'wasm', dtype: 'float', runtime: 'toy' },
      ...{ sha256: '', px: PX, mpp: 0.5, dim: 3, grid: [2, 2], bytes: 0 },
    },
    lanes: 1,
    async embed(picture): Promise<FieldTokens> {
      const rows = [0, 1, 2, 3].map((q) => rowOf(quarterOf(picture, q & 1, q >> 1)));
      const mean = rows[0].map((_, d) => rows.reduce((sum, row) => sum + row[d] / 4, 0));
      return { classToken: Float32Array.from(mean), patchTokens: Float32Array.from(rows.flat()) };
    },
  };
}

function quarterOf({ width, data }: RgbaImage, right: number, low: number): Quarter {
  const half = width / 2;
  const colour = [0, 0, 0];
  const grey: number[] = [];
  for (let y = 0; y < half; y++) {
    for (let x = 0; x < half; x++) {
      const at = 4 * ((y + low * half) * width + x + right * half);
      for (let c = 0; c < 3; c++) colour[c] += data[at + c] / (255 * half * half);
      grey.push(data[at] + data[at + 1] + data[at + 2]);
    }
  }
  const mean = grey.reduce((a, b) => a + b, 0) / grey.length;
  let changes = 0;
  for (let i = 0; i < grey.length; i++) {
    const above = grey[i] > mean;
    if (i % half < half - 1 && grey[i + 1] > mean !== above) changes++;
    if (i + half < grey.length && grey[i + half] > mean !== above) changes++;
  }
  return { colour, edges: changes / (2 * grey.length) };
}
