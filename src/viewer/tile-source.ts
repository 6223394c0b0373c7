/** A Slide as OpenSeadragon sees it. Every tile comes from `slide.tile`, none by address. */
import OpenSeadragon from 'openseadragon';
import { isCytolensError } from '../core/errors.ts';
import type { Level, Raster, Slide } from '../slide/slide.ts';

/** A tile's place in the slide, level 0 finest; OpenSeadragon counts levels the other way. */
interface TilePlace {
  level: number;
  col: number;
  row: number;
}

interface PendingTile {
  abort?: AbortController;
}

/** `onError` hears of tiles that could not be had, once a failure, never for cancelled ones. */
export function tileSourceOf(
  slide: Slide,
  onError: (error: unknown) => void,
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
    getNumTiles: (level: number) => {
      const { width: w, height: h, tileWidth, tileHeight } = at(level);
      return new OpenSeadragon.Point(Math.ceil(w / tileWidth), Math.ceil(h / tileHeight));
    },
    getTileHashKey: (level: number, x: number, y: number) => `slide:${id}/${top - level}/${x}_${y}`,
    downloadTileStart(job: OpenSeadragon.ImageJob) {
      const abort = new AbortController();
      (job.userData as PendingTile).abort = abort;
      const { level, col, row } = placeOf(job.src);
      slide
        .tile(level, col, row, abort.signal)
        .then(toBitmap)
        .then(
          (bitmap) => job.finish(bitmap, null, 'imageBitmap'),
          (error) => {
            // OpenSeadragon has ended the job itself; a second end would make it try again.
            if (abort.signal.aborted) return;
            if (!isCytolensError(error, 'cancelled')) onError(error);
            job.fail(String(error), null);
          },
        );
    },
    downloadTileAbort(job: OpenSeadragon.ImageJob) {
      (job.userData as PendingTile).abort?.abort();
    },
  });
}

function placeOf(key: string): TilePlace {
  const [level, col, row] = key
    .slice(key.lastIndexOf('/', key.lastIndexOf('/') - 1) + 1)
    .split(/[/_]/)
    .map(Number);
  return { level, col, row };
}

async function toBitmap(raster: Raster): Promise<ImageBitmap> {
  if (raster instanceof ImageBitmap) return raster;
  return createImageBitmap(new ImageData(raster.data, raster.width, raster.height));
}
