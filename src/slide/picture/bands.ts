/**
 * The pixels of a large picture within a stated memory, in px of its levels. Decoders give a
 * picture whole or not at all, so it is decoded when a part is wanted that is not held, all parts
 * that wait are cut from it, and the whole is let go of: her2st's 9,272 x 9,923 px are 368 MB.
 */
import { throwIfAborted } from '../../core/errors.ts';
import { AS_STORED, cropRaster, isRgba, release } from '../decode.ts';
import type { Level, Raster } from '../slide.ts';

export const TILE = 512;
/** Bytes of pixels held a thread, in bands of rows; a picture that fits is decoded once. */
export const HELD_BYTES = 128 * 1024 * 1024;
const BAND_BYTES = 48 * 1024 * 1024;
/** Levels of at most so many bytes are one band that stays: the overviews. */
const COARSE_BYTES = 24 * 1024 * 1024;

interface Band {
  raster: Raster;
  bytes: number;
}

interface Wanted {
  level: number;
  index: number;
}

export class Bands {
  private readonly held = new Map<string, Band>();
  private waiting: Wanted[] = [];
  private pass: Promise<void> | null = null;
  private closed = false;

  /** `decode` gives the whole picture. */
  constructor(
    private readonly levels: readonly Level[],
    private readonly decode: () => Promise<Raster>,
  ) {}

  /** Hold what stays held, from the whole picture. */
  async fill(whole: Raster): Promise<void> {
    const total = this.levels.reduce((sum, level) => sum + bytesOf(level), 0);
    const stay = this.levels.map((level) => total <= HELD_BYTES || bytesOf(level) <= COARSE_BYTES);
    await this.cut(
      whole,
      this.levels.flatMap((level, index) =>
        stay[index]
          ? Array.from({ length: bandsOf(level) }, (_, band) => ({ level: index, index: band }))
          : [],
      ),
    );
  }

  /** A tile's pixels. Throws what `decode` throws, `cancelled`. */
  async tile(level: number, col: number, row: number, signal?: AbortSignal): Promise<Raster> {
    const { width, height } = this.levels[level];
    const rows = rowsOf(this.levels[level]);
    const index = Math.floor((row * TILE) / rows);
    const y = row * TILE;
    const box = {
      x: col * TILE,
      y: y - index * rows,
      width: Math.min(TILE, width - col * TILE),
      height: Math.min(TILE, height - y),
    };
    for (;;) {
      throwIfAborted(signal);
      const band = this.find(level, index);
      if (band) return cropRaster(band.raster, box);
      await this.want({ level, index }, signal);
    }
  }

  close(): void {
    this.closed = true;
    for (const { raster } of this.held.values()) release(raster);
    this.held.clear();
  }

  private find(level: number, index: number): Band | null {
    const key = `${level}/${index}`;
    const band = this.held.get(key);
    if (!band) return null;
    // Moved to the end of the Map: used last.
    this.held.delete(key);
    this.held.set(key, band);
    return band;
  }

  /** Wait for a pass over the picture that cuts this band. */
  private async want(wanted: Wanted, signal?: AbortSignal): Promise<void> {
    this.waiting.push(wanted);
    if (this.pass) await this.pass.catch(() => {});
    throwIfAborted(signal);
    if (this.held.has(`${wanted.level}/${wanted.index}`)) return;
    this.pass ??= this.run().finally(() => {
      this.pass = null;
    });
    await this.pass;
  }

  private async run(): Promise<void> {
    // Tiles of one screen are asked for one after the other: let them all be waiting.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await exclusively(async () => {
      const wanted = this.waiting.filter(
        ({ level, index }, i, all) =>
          all.findIndex((other) => other.level === level && other.index === index) === i,
      );
      this.waiting = [];
      const whole = await this.decode();
      try {
        // More would push each other out; whoever is left over asks again.
        await this.cut(whole, wanted.slice(0, Math.floor(HELD_BYTES / BAND_BYTES)));
      } finally {
        release(whole);
      }
    });
  }

  private async cut(whole: Raster, wanted: Wanted[]): Promise<void> {
    for (const { level: at, index } of wanted) {
      const key = `${at}/${index}`;
      if (this.held.has(key) || this.closed) continue;
      const level = this.levels[at];
      const y = index * rowsOf(level);
      const height = Math.min(rowsOf(level), level.height - y);
      const raster = await shrunk(whole, y, level.width, height, level.downsample);
      this.held.set(key, { raster, bytes: level.width * height * 4 });
    }
    this.letGo();
  }

  /** Least recently used first; overviews stay. */
  private letGo(): void {
    let bytes = 0;
    for (const band of this.held.values()) bytes += band.bytes;
    for (const [key, band] of this.held) {
      if (bytes <= HELD_BYTES) return;
      if (bytesOf(this.levels[Number(key.split('/')[0])]) <= COARSE_BYTES) continue;
      this.held.delete(key);
      release(band.raster);
      bytes -= band.bytes;
    }
  }
}

/** `width` x `height` px from row `y` of a level, each the mean of `factor` x `factor` px. */
async function shrunk(
  whole: Raster,
  y: number,
  width: number,
  height: number,
  factor: number,
): Promise<Raster> {
  const box = { x: 0, y: y * factor, width: width * factor, height: height * factor };
  if (factor === 1) return cropRaster(whole, box);
  if (!isRgba(whole)) {
    return createImageBitmap(whole, box.x, box.y, box.width, box.height, {
      ...AS_STORED,
      resizeWidth: width,
      resizeHeight: height,
      resizeQuality: 'medium',
    });
  }
  const data = new Uint8ClampedArray(width * height * 4);
  const step = whole.width * 4;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width * 4; j++) {
      const first = (box.y + i * factor) * step + (j >> 2) * factor * 4 + (j & 3);
      let sum = 0;
      for (let v = 0; v < factor; v++) {
        for (let u = 0; u < factor; u++) sum += whole.data[first + v * step + u * 4];
      }
      data[i * width * 4 + j] = sum / (factor * factor);
    }
  }
  return { width, height, data };
}

/**
 * Levels of a picture, by halving until one tile holds it. Sides are rounded down, so that each
 * pixel of a level is the mean of whole blocks; the last odd row is in finer levels alone.
 */
export function levelsOf(width: number, height: number): Level[] {
  const levels: Level[] = [];
  for (let downsample = 1; ; downsample *= 2) {
    const level = {
      width: Math.max(1, Math.floor(width / downsample)),
      height: Math.max(1, Math.floor(height / downsample)),
      downsample,
      tileWidth: TILE,
      tileHeight: TILE,
    };
    levels.push(level);
    const least = Math.min(width, height) < downsample * 4;
    if ((level.width <= TILE && level.height <= TILE) || least) return levels;
  }
}

function bytesOf({ width, height }: Level): number {
  return width * height * 4;
}

/** Rows of a band: whole tiles, within BAND_BYTES. */
function rowsOf(level: Level): number {
  const tiles = Math.floor(BAND_BYTES / (level.width * 4 * TILE));
  return Math.max(1, tiles) * TILE;
}

function bandsOf(level: Level): number {
  return Math.ceil(level.height / rowsOf(level));
}

/** One decoded whole at a time over the page and its workers, where the browser can tell. */
async function exclusively(work: () => Promise<void>): Promise<void> {
  const locks = globalThis.navigator?.locks;
  await (locks ? locks.request('cytolens-picture', work) : work());
}
