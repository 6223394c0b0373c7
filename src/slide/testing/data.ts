/** Where tests find real slides, and how they decode tiles in Node. Not part of the application. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Decoder } from '../decode.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** Folder of shared data (env CYTOLENS_DATA, else ../shared/data beside the repository), or null. */
export function dataFolder(): string | null {
  const folder = process.env.CYTOLENS_DATA ?? path.resolve(root, '../shared/data');
  return existsSync(folder) ? folder : null;
}

/** Path of a file of the shared data; null, with a line saying so, when it is absent. */
export function dataFile(relative: string): string | null {
  const folder = dataFolder();
  const file = folder ? path.join(folder, relative) : null;
  if (file && existsSync(file)) return file;
  console.warn(`skipped: no ${relative} (set CYTOLENS_DATA to the folder of shared data)`);
  return null;
}

/** A decoder for Node, by sharp. */
export const sharpDecoder: Decoder = async (bytes) => {
  const { data, info } = await sharp(bytes)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    data: new Uint8ClampedArray(data.buffer as ArrayBuffer, data.byteOffset, data.length),
  };
};
