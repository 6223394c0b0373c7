/** Pictures through a JPEG file and back, where the platform can write one. */
import { AS_STORED } from '../../slide/decode.ts';
import type { RgbaImage } from '../../slide/slide.ts';
import type { Jpeg } from './variants.ts';

/** As a JPEG of this quality (0..1) shows it, by the browser's codec; null outside of browsers. */
export const browserJpeg: Jpeg = async ({ width, height, data }, quality) => {
  if (typeof OffscreenCanvas !== 'function') return null;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  context.putImageData(new ImageData(data, width, height), 0, 0);
  const file = await canvas.convertToBlob({ type: 'image/jpeg', quality });
  const bitmap = await createImageBitmap(file, AS_STORED);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height) as RgbaImage;
};
