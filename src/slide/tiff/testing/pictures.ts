/** Pictures for TIFFs of tests: a formula, cut into JPEG tiles. Not part of the application. */
import sharp from 'sharp';
import { grey } from '../../testing/pyramid.ts';
import type { TestPicture, Value } from './write.ts';

/** RGB of the test picture: `grey` at (x, y), seen `down` times smaller, tinted by channel. */
export function colours(width: number, height: number, down = 1): Buffer {
  const raw = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = grey(x * down, y * down);
      raw.set([value, 255 - value, (value >> 1) + 60], (y * width + x) * 3);
    }
  }
  return raw;
}

/** The picture in JPEG tiles, its edge tiles filled up as TIFF wants them. */
export async function jpegPicture(
  width: number,
  height: number,
  { tile = 64, down = 1, tags = {} as Record<number, Value> } = {},
): Promise<TestPicture> {
  const side = tile || Math.max(width, height);
  const cols = Math.ceil(width / side);
  const rows = Math.ceil(height / side);
  const [fullWidth, fullHeight] = tile ? [cols * tile, rows * tile] : [width, height];
  const raw = { width: fullWidth, height: fullHeight, channels: 3 } as const;
  const whole = colours(fullWidth, fullHeight, down);
  const encode = (left: number, top: number, w: number, h: number) =>
    sharp(whole, { raw })
      .extract({ left, top, width: w, height: h })
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer();
  const tiles: Uint8Array[] = [];
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      tiles.push(await encode(col * side, row * side, tile || width, tile || height));
    }
  }
  return { width, height, tile, tags, tiles: (index) => tiles[index] };
}
