/** DICOM slides of the shared data, read in place and compared with what pydicom reads. */
import { execFileSync } from 'node:child_process';
import { openAsBlob, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { blobSource } from '../bytes.ts';
import { directCodec } from '../codecs/codecs.ts';
import { toOpaqueBytes } from '../decode.ts';
import { gridOf } from '../deepzoom.ts';
import type { Slide } from '../slide.ts';
import { dataFile, sharpDecoder } from '../testing/data.ts';
import { openDicom, openDicomFolder } from './files.ts';

const FOLDER = dataFile('slides/dicom');
const FRAMES = fileURLToPath(new URL('../../../bench/formats/pydicom_frames.py', import.meta.url));
const context = { name: 'x', facts: {}, codec: directCodec(sharpDecoder) };

/** `most`: largest difference of a sample; JPEG decoders differ in how they enlarge the colours. */
const SLIDES = [
  { file: 'highdicom-sm_image.dcm', width: 50, height: 50, mpp: 0.499, most: 0 },
  { file: 'highdicom-sm_image_jpegls.dcm', width: 50, height: 50, mpp: 0.499, most: 0 },
  { file: 'openslide-boxes_0.dcm', width: 16, height: 16, mpp: 0.499, most: 2 },
  { file: 'openslide-boxes_1.dcm', width: 16, height: 16, mpp: 0.499, most: 0 },
  // Its tiles lie column by column, which it does not say.
  { file: 'sm-jpeg-3236x2638.dcm', width: 3236, height: 2638, mpp: null, most: 6, columns: true },
  { file: 'sm-tiled-full-1152x700.dcm', width: 1152, height: 700, mpp: 28.969, most: 6 },
];

async function open(file: string): Promise<Slide> {
  return openDicom(blobSource(await openAsBlob(path.join(FOLDER ?? '', file))), context);
}

function hasPydicom(): boolean {
  try {
    execFileSync('python3', ['-c', 'import pydicom.pixels, pylibjpeg, jpeg_ls'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    console.warn('skipped: comparison with pydicom, which python3 does not have here');
    return false;
  }
}

describe.skipIf(FOLDER === null).each(SLIDES)('$file', (wanted) => {
  const { file, width, height, mpp, most } = wanted;
  it('opens with its size and scale, and every tile decodes', async () => {
    const slide = await open(file);
    expect(slide.info).toMatchObject({ width, height, mpp });
    const { cols, rows } = gridOf(slide.info.levels[0]);
    for (let i = 0; i < cols * rows; i++) await slide.tile(0, i % cols, Math.floor(i / cols));
  });

  it.skipIf(!hasPydicom())('has the pixels that pydicom decodes', async () => {
    const slide = await open(file);
    const { tileWidth, tileHeight, ...level } = slide.info.levels[0];
    const { cols, rows } = gridOf({ ...level, tileWidth, tileHeight });
    const frames = [0, Math.floor((cols * rows) / 2), cols * rows - 1];
    const python = execFileSync(
      'python3',
      [FRAMES, path.join(FOLDER ?? '', file), ...frames.map(String)],
      { maxBuffer: 1e8 },
    );
    for (const [k, frame] of frames.entries()) {
      const [col, row] =
        'columns' in wanted
          ? [Math.floor(frame / rows), frame % rows]
          : [frame % cols, Math.floor(frame / cols)];
      const tile = toOpaqueBytes(await slide.tile(0, col, row));
      const theirs = python.subarray(k * tileWidth * tileHeight * 3);
      let largest = 0;
      for (let y = 0; y < tile.height; y++) {
        for (let x = 0; x < tile.width; x++) {
          for (let c = 0; c < 3; c++) {
            const ours = tile.data[(y * tile.width + x) * 4 + c];
            largest = Math.max(largest, Math.abs(ours - theirs[(y * tileWidth + x) * 3 + c]));
          }
        }
      }
      expect(largest).toBeLessThanOrEqual(most);
    }
  });
});

describe.skipIf(FOLDER === null)('the folder of them', () => {
  it('opens as its largest slide and names the others', async () => {
    const names = readdirSync(FOLDER ?? '').filter((name) => name.endsWith('.dcm'));
    const files = await Promise.all(
      names.map(async (name) => {
        const blob = await openAsBlob(path.join(FOLDER ?? '', name));
        return { path: `dicom/${name}`, file: new File([blob], name) };
      }),
    );
    const slide = await openDicomFolder(files, context);
    expect(slide.info).toMatchObject({ width: 3236, height: 2638 });
    expect(slide.info.notes?.[0]).toMatch(/4 other series/);
  });

  it.each([
    ['highdicom-seg_image_sm_dots.dcm', /segmentation/],
    ['highdicom-sm_annotations.dcm', /annotations/],
  ])('says what %s is', async (file, sentence) => {
    await expect(open(file)).rejects.toMatchObject({
      tag: 'unsupported',
      message: expect.stringMatching(sentence),
    });
  });
});
