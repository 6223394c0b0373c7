/** Real slides of the shared data, read in place and compared with independent readings. */
import { execFileSync } from 'node:child_process';
import { openAsBlob } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { blobSource } from './bytes.ts';
import { readRegion } from './region.ts';
import type { RgbaImage, Slide } from './slide.ts';
import { openSzi } from './szi.ts';
import { dataFile, sharpDecoder } from './testing/data.ts';

const SLIDES = [
  { file: 'slides/lung-squamous-gt450.szi', width: 17883, height: 16091 },
  { file: 'slides/duodenum-giardia-at2.szi', width: 14486, height: 16783 },
].flatMap((slide) => {
  const path = dataFile(slide.file);
  return path ? [{ ...slide, path }] : [];
});

/** Pixels of a box of a Deep Zoom level as Python's zipfile and Pillow see them; RGB. */
const READER = `
import io, json, sys, zipfile
from PIL import Image
path, level, x0, y0, w, h = sys.argv[1], *map(int, sys.argv[2:])
z = zipfile.ZipFile(path)
base = next(n for n in z.namelist() if n.endswith('.dzi'))[:-4]
out = Image.new('RGB', (w, h), 'white')
for col in range(x0 // 254, (x0 + w - 1) // 254 + 1):
    for row in range(y0 // 254, (y0 + h - 1) // 254 + 1):
        tile = Image.open(io.BytesIO(z.read(f'{base}_files/{level}/{col}_{row}.jpeg')))
        left, top = (1 if col else 0), (1 if row else 0)
        part = tile.crop((left, top, min(left + 254, tile.width), min(top + 254, tile.height)))
        out.paste(part, (col * 254 - x0, row * 254 - y0))
sys.stdout.buffer.write(out.tobytes())
`;

function hasPillow(): boolean {
  try {
    execFileSync('python3', ['-c', 'import PIL'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('skipped: comparison with Pillow, which python3 does not have here');
    return false;
  }
}

/** Largest and mean absolute difference of two pictures' RGB. */
function difference(image: RgbaImage, rgb: Uint8Array): { largest: number; mean: number } {
  let largest = 0;
  let sum = 0;
  for (let i = 0; i < image.width * image.height; i++) {
    for (let c = 0; c < 3; c++) {
      const d = Math.abs(image.data[i * 4 + c] - rgb[i * 3 + c]);
      largest = Math.max(largest, d);
      sum += d;
    }
  }
  return { largest, mean: sum / (image.width * image.height * 3) };
}

describe.skipIf(SLIDES.length === 0).each(SLIDES)('$file', ({ path, width, height }) => {
  const open = async () => openSzi(blobSource(await openAsBlob(path)), 'x', {}, sharpDecoder);

  it('opens with the size that its catalog says', async () => {
    const { info } = await open();
    expect(info).toMatchObject({ width, height });
    expect(info.levels).toHaveLength(8);
    expect((await open()).info.id).toBe(info.id);
  });

  it.skipIf(!hasPillow()).each([
    [0, 15, 8000, 8100, 600, 300],
    [2, 13, 1000, 1200, 400, 300],
  ])('has the pixels of level %i that Pillow reads', async (index, level, x, y, w, h) => {
    const slide = await open();
    const down = 2 ** index;
    const image = await readRegion(
      slide,
      { x: x * down, y: y * down, w: w * down, h: h * down },
      w,
      h,
    );
    const args = [path, level, x, y, w, h].map(String);
    const rgb = execFileSync('python3', ['-c', READER, ...args], { maxBuffer: 1e8 });
    // Two JPEG decoders may round a value differently; a shift of a pixel would be far more.
    const { largest, mean } = difference(image, rgb);
    expect(mean).toBeLessThan(0.5);
    expect(largest).toBeLessThanOrEqual(4);
  });

  it('shows the same place at every level', async () => {
    const slide = await open();
    const { levels } = slide.info;
    for (const index of [1, 2, 3, 4]) {
      const down = levels[index].downsample;
      const finer = { ...slide, info: { ...slide.info, levels: levels.slice(0, index) } };
      const read = async (from: Slide, shift: number) =>
        readRegion(
          from,
          { x: 4096 + shift * down, y: 4096, w: 128 * down, h: 128 * down },
          128,
          128,
        );
      const coarse = withoutAlpha(await read(slide, 0));
      const off = async (shift: number) => difference(await read(finer, shift), coarse).mean;
      // Each level is a JPEG of its own, so they differ by noise: least, and evenly, in place.
      const [left, here, right] = [await off(-0.5), await off(0), await off(0.5)];
      expect(here).toBeLessThan(Math.min(left, right));
      expect(Math.abs(left - right)).toBeLessThan(0.1 * here);
    }
  });
});

function withoutAlpha({ data }: RgbaImage): Uint8Array {
  return Uint8Array.from(data.filter((_, i) => i % 4 !== 3));
}
