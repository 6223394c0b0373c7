/** Tiles that could not be had: remembered, marked on the slide, and asked for again when told to. */
import type OpenSeadragon from 'openseadragon';
import { type ScreenTransform, scaleOf } from '../core/affine.ts';
import type { Level } from '../slide/slide.ts';
import type { TilePlace } from './tile-source.ts';

/** OpenSeadragon draws from the finest level whose px are at least this many CSS px wide. */
const LEAST_PX = 0.5;
/** Screen px of the mark; quiet, for the coarser tissue under it is still worth seeing. */
const HATCH_STEP = 14;
const CROSS = 6;
const INK = 'rgba(90, 92, 98, 0.55)';

interface Missing {
  place: TilePlace;
  /** The tile as the view and the map know it, each on its own. */
  tiles: Set<OpenSeadragon.Tile>;
}

export class MissingTiles {
  private readonly missing = new Map<string, Missing>();

  constructor(private readonly levels: readonly Level[]) {}

  get count(): number {
    return this.missing.size;
  }

  add(place: TilePlace, tile: OpenSeadragon.Tile): void {
    const key = `${place.level}/${place.col}_${place.row}`;
    const known = this.missing.get(key) ?? { place, tiles: new Set() };
    known.tiles.add(tile);
    this.missing.set(key, known);
  }

  /** Let OpenSeadragon ask for all of them again; the caller has it draw. */
  retry(): void {
    for (const { tiles } of this.missing.values()) {
      for (const tile of tiles) tile.exists = true;
    }
    this.missing.clear();
  }

  /** Hatch the missing tiles of the level that this view is drawn from. */
  draw(context: CanvasRenderingContext2D, view: ScreenTransform, dpr: number): void {
    if (this.count === 0) return;
    const wanted = this.wantedLevel(scaleOf(view));
    context.save();
    context.strokeStyle = INK;
    for (const { place } of this.missing.values()) {
      if (place.level === wanted) this.mark(context, view, dpr, place);
    }
    context.restore();
  }

  /** `scale`: CSS px per level-0 px. */
  private wantedLevel(scale: number): number {
    const finest = this.levels.findIndex(({ downsample }) => scale * downsample >= LEAST_PX);
    return finest < 0 ? this.levels.length - 1 : finest;
  }

  private mark(
    context: CanvasRenderingContext2D,
    { a, b, c, d, e, f }: ScreenTransform,
    dpr: number,
    { level, col, row }: TilePlace,
  ): void {
    const { downsample, tileWidth, tileHeight, width, height } = this.levels[level];
    const [x, y] = [col * tileWidth, row * tileHeight];
    const w = Math.min(tileWidth, width - x);
    const h = Math.min(tileHeight, height - y);
    const unit = dpr * downsample;
    context.save();
    context.setTransform(a * unit, b * unit, c * unit, d * unit, e * dpr, f * dpr);
    // One screen px in px of the tile's level.
    const px = dpr / (Math.hypot(a, b) * unit);
    context.lineWidth = px;
    context.strokeRect(x, y, w, h);
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
    context.beginPath();
    for (let at = 0; at < w + h; at += HATCH_STEP * px) {
      context.moveTo(x + at, y);
      context.lineTo(x + at - h, y + h);
    }
    const [cx, cy, arm] = [x + w / 2, y + h / 2, CROSS * px];
    context.stroke();
    context.lineWidth = 2 * px;
    context.beginPath();
    context.moveTo(cx - arm, cy - arm);
    context.lineTo(cx + arm, cy + arm);
    context.moveTo(cx + arm, cy - arm);
    context.lineTo(cx - arm, cy + arm);
    context.stroke();
    context.restore();
  }
}
