/**
 * Fields with planted evidence, cut from drawn slides as the viewer cuts them (methods sheet,
 * section 1, Faithfulness). Each place gives a pair: the field as it is drawn, and a twin in which
 * every lymphocyte is redrawn as a spindle nucleus of the same area at the same place. Tissue,
 * other nuclei and their number are equal in both, so the label depends on the lymphocytes alone.
 *
 *   npx tsx training/planted/fields.ts ../runs/planted
 *
 * writes, for each set, `<set>.rgb` (fields x 224 x 224 x 3 bytes, at 0.5 um/px) and `<set>.json`:
 * for each field its place, whether lymphocytes are planted, the true cells, and the viewer's own
 * partition of tokens among them (src/analysis/overlap.ts).
 */
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { radiusUnitOf } from '../../src/analysis/ledger.ts';
import { overlapOf } from '../../src/analysis/overlap.ts';
import { fieldRect, fieldSideOf } from '../../src/analysis/plan.ts';
import {
  appendCells,
  type CellTable,
  createCells,
  RAY_COS,
  RAY_SIN,
  RAYS,
  starArea,
} from '../../src/core/cells.ts';
import { contains, type Rect } from '../../src/core/geometry.ts';
import { cropShrink } from '../../src/model/tensor.ts';
import { readRegion } from '../../src/slide/region.ts';
import type { GroundTruthCell, RgbaImage, TruthSlide } from '../../src/slide/slide.ts';
import { CELL_TYPES, FIBROBLAST, LYMPHOCYTE } from '../../src/slide/synthetic/cell.ts';
import { stream } from '../../src/slide/synthetic/noise.ts';
import {
  createPainter,
  DEFAULT_SYNTHETIC,
  drawTile,
  syntheticInfo,
  truthOf,
} from '../../src/slide/synthetic/synthetic.ts';

/** The encoder's field and grid; drawn slides are 0.25 um/px, the encoder reads 0.5. */
const FIELD_UM = 112;
const DRAWN_MPP = 0.25;
const SHRINK = 2;
const GRID = 14;
/** Grids are moved in steps of a quarter token. */
const STEP_UM = FIELD_UM / GRID / 4;
/** A field is used when it holds at least this many lymphocytes and this many other cells. */
const MIN_PLANTED = 3;
const MIN_OTHER = 20;

interface FieldSet {
  name: string;
  seeds: readonly number[];
  /** Places a seed. */
  places: number;
  /** Whether each place gives its twin too. */
  twins: boolean;
  /** How far the fields lie from the viewer's grid, quarter tokens to the right and down. */
  shifts: readonly Shift[];
}
type Shift = readonly [right: number, down: number];

/** The four grids of fine mode, half a token apart, from quarter token `first` on. */
const fine = (first: number): Shift[] =>
  [first, first + 2].flatMap((right) => [first, first + 2].map((down): Shift => [right, down]));
const UNMOVED: readonly Shift[] = [[0, 0]];

const BUILT_IN = [DEFAULT_SYNTHETIC.seed];
/**
 * The built-in slide is tested on and never trained on. `grids` holds the grids of fine mode as they
 * are, moved by a quarter token, and moved by half a token (which gives [2, 2] again).
 */
const SETS: readonly FieldSet[] = [
  { name: 'train', seeds: [11, 12, 13, 14, 15, 16], places: 80, twins: true, shifts: UNMOVED },
  { name: 'test', seeds: BUILT_IN, places: 160, twins: true, shifts: UNMOVED },
  {
    name: 'grids',
    seeds: BUILT_IN,
    places: 80,
    twins: false,
    shifts: [...fine(0), ...fine(1), ...fine(2).slice(1)],
  },
];

/** Long by short axis of the spindle that replaces a lymphocyte; its area stays. */
const SPINDLE_RATIO = 2.6;

/** A drawn slide of the built-in slide's size; `redrawn` has spindles in place of lymphocytes. */
function drawnSlide(seed: number, redrawn: boolean): TruthSlide {
  const options = { ...DEFAULT_SYNTHETIC, seed };
  const info = syntheticInfo(options);
  const painter = createPainter(options);
  if (redrawn) {
    const { nuclei } = painter;
    const within = nuclei.within.bind(nuclei);
    // Pixels and truth both ask here, so the two cannot disagree.
    nuclei.within = (...box) => {
      const { cells, blobs } = within(...box);
      const spindles = cells.map((cell) => {
        if (cell.type !== LYMPHOCYTE) return cell;
        const b = Math.sqrt((cell.a * cell.b) / SPINDLE_RATIO);
        return { ...cell, type: FIBROBLAST, a: b * SPINDLE_RATIO, b };
      });
      return { cells: spindles, blobs };
    };
  }
  return {
    info,
    tile: async (level, col, row) => drawTile(painter, info, level, col, row),
    groundTruth: (rect) => truthOf(painter, info, rect),
    close() {},
  };
}

/** True outlines as the viewer stores outlines: distances to the edge along the rays. */
function cellTable(truth: readonly GroundTruthCell[]): CellTable {
  const unit = radiusUnitOf(DRAWN_MPP);
  const table = createCells(truth.length, unit);
  for (const { x, y, outline, type } of truth) {
    const row = createCells(1, unit);
    row.count = 1;
    row.x[0] = x;
    row.y[0] = y;
    for (let k = 0; k < RAYS; k++) {
      const reach = edgeAlong(outline, x, y, RAY_COS[k], RAY_SIN[k]);
      row.radii[k] = Math.max(1, Math.min(255, Math.round(reach / unit)));
    }
    row.type[0] = CELL_TYPES.indexOf(type as (typeof CELL_TYPES)[number]);
    row.area[0] = starArea(row.radii, 0) * (unit * DRAWN_MPP) ** 2;
    appendCells(table, row);
  }
  return table;
}

/** Distance from (x, y) to the farthest crossing of a polygon's edge in direction (dx, dy). */
function edgeAlong(outline: Float32Array, x: number, y: number, dx: number, dy: number): number {
  let reach = 0;
  for (let i = 0; i < outline.length; i += 2) {
    const j = (i + 2) % outline.length;
    const [ax, ay] = [outline[i] - x, outline[i + 1] - y];
    const [ex, ey] = [outline[j] - outline[i], outline[j + 1] - outline[i + 1]];
    const cross = dx * ey - dy * ex;
    const along = (ax * ey - ay * ex) / cross;
    const onEdge = (ax * dy - ay * dx) / cross;
    if (onEdge >= 0 && onEdge <= 1 && along > reach) reach = along;
  }
  return reach;
}

/** The field `rect` of a slide; `picture` shows the slide from (left, top) on at the encoder's scale. */
function fieldOf(slide: TruthSlide, rect: Rect, picture: RgbaImage, left: number, top: number) {
  const side = rect.w / SHRINK;
  const rgb = Buffer.alloc(side * side * 3);
  for (let y = 0, q = 0; y < side; y++) {
    let p = ((y + (rect.y - top) / SHRINK) * picture.width + (rect.x - left) / SHRINK) * 4;
    for (let x = 0; x < side; x++, p++) {
      for (let c = 0; c < 3; c++) rgb[q++] = picture.data[p++];
    }
  }
  const cells = cellTable(slide.groundTruth(rect));
  const rows = Array.from({ length: cells.count }, (_, i) => i);
  const grid = { x: rect.x, y: rect.y, side: rect.w / GRID, cols: GRID, rows: GRID };
  const { cell, token, share } = overlapOf(cells, rows, grid);
  return {
    rgb,
    cells: {
      type: [...cells.type],
      x: [...cells.x],
      y: [...cells.y],
      inside: rows.map((i) => contains(rect, cells.x[i], cells.y[i])),
      area: [...cells.area],
    },
    overlap: { cell: [...cell], token: [...token], share: [...share] },
  };
}

/** Places on the viewer's field grid, in random order, that hold enough cells of both kinds. */
function* suitablePlaces(slide: TruthSlide, seed: number) {
  const side = fieldSideOf(FIELD_UM, DRAWN_MPP);
  const [cols, rows] = [Math.floor(slide.info.width / side), Math.floor(slide.info.height / side)];
  const next = stream(seed);
  const seen = new Set<number>();
  while (seen.size < cols * rows) {
    const place = { col: Math.floor(next() * cols), row: Math.floor(next() * rows) };
    const key = place.row * cols + place.col;
    if (seen.has(key)) continue;
    seen.add(key);
    const rect = fieldRect(place, side);
    const truth = slide.groundTruth(rect).filter(({ x, y }) => contains(rect, x, y));
    const planted = truth.filter(({ type }) => type === CELL_TYPES[LYMPHOCYTE]).length;
    if (planted >= MIN_PLANTED && truth.length - planted >= MIN_OTHER) yield { place, rect };
  }
}

async function writeSet(folder: string, set: FieldSet): Promise<void> {
  const { name, seeds, places, twins, shifts } = set;
  const step = STEP_UM / DRAWN_MPP;
  const reach = step * Math.max(...shifts.flat());
  const pixels = await open(join(folder, `${name}.rgb`), 'w');
  const fields: unknown[] = [];
  for (const seed of seeds) {
    const drawn = drawnSlide(seed, false);
    const versions = twins ? [drawn, drawnSlide(seed, true)] : [drawn];
    let taken = 0;
    for (const { place, rect } of suitablePlaces(drawn, seed)) {
      if (taken === places) break;
      const all = { ...rect, w: rect.w + reach, h: rect.h + reach };
      taken++;
      for (const slide of versions) {
        const picture = cropShrink(await readRegion(slide, all, all.w, all.h), 0, SHRINK);
        for (const shift of shifts) {
          const moved = { ...rect, x: rect.x + shift[0] * step, y: rect.y + shift[1] * step };
          const { rgb, cells, overlap } = fieldOf(slide, moved, picture, rect.x, rect.y);
          await pixels.write(rgb);
          fields.push({ seed, ...place, shift, planted: slide === drawn, cells, overlap });
        }
      }
    }
    console.log(`${name}: seed ${seed}, ${taken} places, ${fields.length} fields so far`);
  }
  await pixels.close();
  await writeFile(
    join(folder, `${name}.json`),
    JSON.stringify({ types: CELL_TYPES, planted: CELL_TYPES[LYMPHOCYTE], fields }),
  );
}

const folder = process.argv[2];
if (!folder) throw new Error('Name the folder to write to: npx tsx training/planted/fields.ts DIR');
await mkdir(folder, { recursive: true });
for (const set of SETS) await writeSet(folder, set);
