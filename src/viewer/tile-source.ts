/** A Slide as OpenSeadragon sees it. Every tile comes from `slide.tile`, none by address. */
import OpenSeadragon from 'openseadragon';
import { isCytolensError } from '../core/errors.ts';
import type { Level, Raster, Slide } from '../slide/slide.ts';
import { withRetries } from './retry.ts';

/** Why a tile is not loaded whose slide was closed meanwhile: no failure, nothing is said of it. */
const SLIDE_CLOSED = 'slide closed';
// Its types leave out where it complains.
Object.assign(OpenSeadragon, {
  console: {
    ...console,
    error: (...said: unknown[]) => {
      if (!said.includes(SLIDE_CLOSED)) console.error(...said);
    },
  },
});

/** A tile's place in the slide, level 0 finest; OpenSeadragon counts levels the other way. */
export interface TilePlace {
  level: number;
  col: number;
  row: number;
}

interface PendingTile {
  abort?: AbortController;
}

/** A tile that could not be had, also after the tries of `withRetries`; never a cancelled one. */
export interface LostTile {
  error: unknown;
  place: TilePlace;
  tile: OpenSeadragon.Tile;
}

export function tileSourceOf(
  slide: Slide,
  onLost: (lost: LostTile) => void,
): OpenSeadragon.TileSource {
  const { levels, width, height, id } = slide.info;
  const top = levels.length - 1;
  const at = (level: number): Level => levels[top - level];
  const source = new OpenSeadragon.TileSource({
    width,
    height,
    minLevel: 0,
    maxLevel: top,
    tileOverlap: 0,
    // The key alone names a tile; nothing is ever requested from this address.
    getTileUrl: (level: number, x: number, y: number) => `slide:${id}/${top - level}/${x}_${y}`,
  } as OpenSeadragon.TileSourceOptions);

  return Object.assign(source, {
    getLevelScale: (level: number) => 1 / at(level).downsample,
    getTileWidth: (level: number) => at(level).tileWidth,
    getTileHeight: (level: number) => at(level).tileHeight,
    getTileBounds(level: number, col: number, row: number, inTile = false) {
      const { tileWidth, tileHeight, downsample } = at(level);
      const { w, h } = drawnSize(at(level), col, row);
      if (inTile) return new OpenSeadragon.Rect(0, 0, w, h);
      // Viewport units: the slide is 1 wide.
      const unit = downsample / width;
      const [x, y] = [col * tileWidth * unit, row * tileHeight * unit];
      return new OpenSeadragon.Rect(x, y, w * unit, h * unit);
    },
    getNumTiles: (level: number) => {
      const { width: w, height: h, tileWidth, tileHeight } = at(level);
      return new OpenSeadragon.Point(Math.ceil(w / tileWidth), Math.ceil(h / tileHeight));
    },
    getTileHashKey: (level: number, x: number, y: number) => `slide:${id}/${top - level}/${x}_${y}`,
    downloadTileStart(job: OpenSeadragon.ImageJob) {
      const abort = new AbortController();
      (job.userData as PendingTile).abort = abort;
      const place = placeOf(job.src);
      const { level, col, row } = place;
      withRetries(() => slide.tile(level, col, row, abort.signal), abort.signal)
        .then((raster) => withApron(raster, at(top - level), col, row))
        .then(
          (bitmap) => job.finish(bitmap, null, 'imageBitmap'),
          (error) => {
            // OpenSeadragon has ended the job itself; a second end would make it try again.
            if (abort.signal.aborted) return;
            if (isCytolensError(error, 'cancelled')) job.fail(SLIDE_CLOSED, null);
            else {
              onLost({ error, place, tile: tileOf(job) });
              job.fail(String(error), null);
            }
          },
        );
    },
    downloadTileAbort(job: OpenSeadragon.ImageJob) {
      (job.userData as PendingTile).abort?.abort();
    },
  });
}

/** Their types leave out what every job carries. */
function tileOf(job: OpenSeadragon.ImageJob): OpenSeadragon.Tile {
  return (job as OpenSeadragon.ImageJob & { tile: OpenSeadragon.Tile }).tile;
}

function placeOf(key: string): TilePlace {
  const [level, col, row] = key
    .slice(key.lastIndexOf('/', key.lastIndexOf('/') - 1) + 1)
    .split(/[/_]/)
    .map(Number);
  return { level, col, row };
}

/**
 * Size at which a tile is drawn, in its own px: one more to the right and below where a neighbour
 * follows. Without it the neighbours' antialiased edges let the background through; OpenSeadragon
 * would instead stretch every tile by a screen pixel, and the tissue would not lie under its cells.
 */
function drawnSize(level: Level, col: number, row: number): { w: number; h: number } {
  const w = Math.min(level.tileWidth, level.width - col * level.tileWidth);
  const h = Math.min(level.tileHeight, level.height - row * level.tileHeight);
  return {
    w: (col + 1) * level.tileWidth < level.width ? w + 1 : w,
    h: (row + 1) * level.tileHeight < level.height ? h + 1 : h,
  };
}

/** The tile with its last column and row repeated once where a neighbour follows. */
async function withApron(
  raster: Raster,
  level: Level,
  col: number,
  row: number,
): Promise<ImageBitmap> {
  const bitmap =
    raster instanceof ImageBitmap
      ? raster
      : await createImageBitmap(new ImageData(raster.data, raster.width, raster.height));
  const { width, height } = bitmap;
  const { w, h } = drawnSize(level, col, row);
  if (w === width && h === height) return bitmap;
  const canvas = new OffscreenCanvas(w, h);
  const context = canvas.getContext('2d');
  if (!context) return bitmap;
  context.drawImage(bitmap, 0, 0);
  if (w > width) context.drawImage(bitmap, width - 1, 0, 1, height, width, 0, 1, height);
  // From the canvas itself, so that the corner is filled too.
  if (h > height) context.drawImage(canvas, 0, height - 1, w, 1, 0, height, w, 1);
  bitmap.close();
  return canvas.transferToImageBitmap();
}
