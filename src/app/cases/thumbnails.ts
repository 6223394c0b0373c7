/**
 * Thumbnails of slides: made from the tissue's own pyramid (a scanner's stored thumbnail may show
 * the label), two at a time, and kept as small JPEGs.
 */
import { throwIfAborted } from '../../core/errors.ts';
import { readRegion } from '../../slide/region.ts';
import { openSlideForView } from '../../slide/slide.client.ts';
import type { SlideSource } from '../../slide/slide.ts';
import type { DeskStore } from './store.ts';

/** Box the picture fits into, px: twice the largest on screen. */
const BOX = { width: 184, height: 168 };
const AT_A_TIME = 2;
/** A slide whose coarsest level has more pixels than this is not read only for a thumbnail. */
const MOST_PIXELS = 64e6;
const QUALITY = 0.82;

export class Thumbnails {
  private busy = 0;
  private readonly waiting: (() => void)[] = [];
  /** Slides without a thumbnail: not tried again in this session. */
  private readonly failed = new Set<string>();

  constructor(private readonly store: Promise<DeskStore | null>) {}

  /**
   * The thumbnail of a slide: kept, or made now. Null where there is none: a folder that may not
   * be read, a slide that does not open, a single level too large. Throws `cancelled`.
   */
  async of(
    key: string,
    source: () => Promise<SlideSource | null>,
    signal: AbortSignal,
  ): Promise<Blob | null> {
    const store = await this.store;
    const kept = await store?.thumbnail(key).catch(() => null);
    if (kept) return kept;
    if (this.failed.has(key)) return null;
    await this.turn();
    try {
      // Scrolled away while it waited.
      throwIfAborted(signal);
      const from = await source();
      if (!from) return null;
      const picture = await makeThumbnail(from, signal);
      if (!picture) this.failed.add(key);
      else await store?.putThumbnail(key, picture).catch(() => undefined);
      return picture;
    } catch {
      throwIfAborted(signal);
      // Opening the slide will say why.
      this.failed.add(key);
      return null;
    } finally {
      this.busy--;
      this.waiting.shift()?.();
    }
  }

  /** Try again what could not be had: a folder was chosen. */
  retry(): void {
    this.failed.clear();
  }

  private async turn(): Promise<void> {
    if (this.busy >= AT_A_TIME) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.busy++;
  }
}

async function makeThumbnail(source: SlideSource, signal: AbortSignal): Promise<Blob | null> {
  const slide = await openSlideForView(source, { signal });
  try {
    const { width, height, levels } = slide.info;
    const coarsest = levels[levels.length - 1];
    if (coarsest.width * coarsest.height > MOST_PIXELS) return null;
    const scale = Math.min(BOX.width / width, BOX.height / height);
    const [w, h] = [width, height].map((size) => Math.max(1, Math.round(size * scale)));
    const image = await readRegion(slide, { x: 0, y: 0, w: width, h: height }, w, h, signal);
    const canvas = new OffscreenCanvas(w, h);
    canvas.getContext('2d')?.putImageData(new ImageData(image.data, w, h), 0, 0);
    return await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
  } finally {
    slide.close();
  }
}
