/** Decoded tiles as bytes, kept least recently used first out, shared by all who read a slide. */
import { cancelled, throwIfAborted } from '../core/errors.ts';
import { toOpaqueBytes } from './decode.ts';
import type { RgbaImage, Slide } from './slide.ts';

/** Bytes of pixels a slide's cache keeps unless told otherwise: 256 tiles of 256 px. */
export const TILE_CACHE_BYTES = 64 * 1024 * 1024;

interface Loading {
  promise: Promise<RgbaImage>;
  abort: AbortController;
  waiting: number;
}

export class TileCache {
  private readonly tiles = new Map<string, RgbaImage>();
  private readonly loading = new Map<string, Loading>();
  private held = 0;

  constructor(
    private readonly slide: Slide,
    readonly budget: number = TILE_CACHE_BYTES,
  ) {}

  /** Bytes held now; at most `budget`. */
  get bytes(): number {
    return this.held;
  }

  /** A tile that is held, without waiting; the usual case when neighbouring fields are read. */
  peek(level: number, col: number, row: number): RgbaImage | null {
    const key = `${level}/${col}_${row}`;
    const tile = this.tiles.get(key);
    if (!tile) return null;
    // A Map keeps the order of insertion: moved to the end means used last.
    this.tiles.delete(key);
    this.tiles.set(key, tile);
    return tile;
  }

  /**
   * A tile's pixels, opaque. Readers that ask at the same time share one load, which is stopped
   * when the last of them has given up. Throws what `slide.tile` throws, or `cancelled`.
   */
  async get(level: number, col: number, row: number, signal?: AbortSignal): Promise<RgbaImage> {
    throwIfAborted(signal);
    const held = this.peek(level, col, row);
    if (held) return held;
    const key = `${level}/${col}_${row}`;
    const entry = this.loading.get(key) ?? this.start(key, level, col, row);
    entry.waiting++;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        if (--entry.waiting === 0) {
          if (this.loading.get(key) === entry) this.loading.delete(key);
          entry.abort.abort();
        }
        reject(cancelled());
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      entry.promise
        .finally(() => signal?.removeEventListener('abort', onAbort))
        .then(resolve, reject);
    });
  }

  clear(): void {
    this.tiles.clear();
    this.held = 0;
  }

  private start(key: string, level: number, col: number, row: number): Loading {
    const abort = new AbortController();
    const load = async () => {
      try {
        const tile = toOpaqueBytes(await this.slide.tile(level, col, row, abort.signal));
        this.keep(key, tile);
        return tile;
      } finally {
        if (this.loading.get(key) === entry) this.loading.delete(key);
      }
    };
    const entry: Loading = { promise: load(), abort, waiting: 0 };
    this.loading.set(key, entry);
    return entry;
  }

  private keep(key: string, tile: RgbaImage): void {
    const size = tile.data.byteLength;
    if (size > this.budget || this.tiles.has(key)) return;
    this.tiles.set(key, tile);
    this.held += size;
    for (const [oldest, { data }] of this.tiles) {
      if (this.held <= this.budget) break;
      this.tiles.delete(oldest);
      this.held -= data.byteLength;
    }
  }
}

const caches = new WeakMap<Slide, TileCache>();

/** The one cache of a slide; it goes when the slide goes. */
export function cacheOf(slide: Slide): TileCache {
  const found = caches.get(slide);
  if (found) return found;
  const cache = new TileCache(slide);
  caches.set(slide, cache);
  return cache;
}
