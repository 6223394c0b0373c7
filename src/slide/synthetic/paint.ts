/**
 * One tile of the drawn slide: optical densities of the stains, laid down layer by layer, then
 * turned to colour. RGB = white x exp(-OD), OD = sum of stain density x stain vector.
 */

import { PX_PER_UM } from './cell.ts';
import { FAR_UM, paintFar } from './far.ts';
import { Field, FieldGrid, TILE, type TileFields } from './fields.ts';
import { Glands } from './glands.ts';
import { type Densities, Ground, TINT_LEVEL } from './ground.ts';
import { hash } from './noise.ts';
import { Nuclei } from './nuclei.ts';
import { Stamp } from './stamp.ts';
import { Tissue } from './tissue.ts';

/**
 * Rows: haematoxylin and eosin after Ruifrok and Johnston (methods sheet, section 2), eosin with a
 * little more blue absorption, as scanners show it; blood is eosin in haemoglobin, read off tiles.
 */
const STAIN_H = [0.65, 0.7, 0.29];
const STAIN_E = [0.12, 0.86, 0.34];
const STAIN_BLOOD = [0.13, 0.95, 0.72];
/** Light through empty glass. */
const WHITE = [243, 242, 244];

/** exp(-OD) by OD in steps of 1 / RESOLUTION. */
const RESOLUTION = 512;
const DEEPEST = 4;
const LIGHT = new Float32Array(RESOLUTION * DEEPEST + 2);
for (let i = 0; i < LIGHT.length; i++) LIGHT[i] = Math.exp(-i / RESOLUTION);

/** Sensor noise, grey levels: sums of uniform numbers, looked up by a hash of the pixel. */
const GRAIN_SIZE = 8192;
const GRAIN = new Float32Array(GRAIN_SIZE);
for (let i = 0; i < GRAIN_SIZE; i++) {
  let sum = 0;
  for (let k = 0; k < 4; k++) sum += hash(17, i, k, 0xd1) / 4294967296 - 0.5;
  GRAIN[i] = 2.1 * sum;
}

export class Painter {
  readonly nuclei: Nuclei;
  private readonly tissue: Tissue;
  private readonly fields: FieldGrid;
  private readonly ground: Ground;
  private readonly stamp: Stamp;
  private readonly densities: Densities = {
    haematoxylin: new Float32Array(TILE * TILE),
    eosin: new Float32Array(TILE * TILE),
    blood: new Float32Array(TILE * TILE),
  };

  /** `width` and `height` of the slide are in um. */
  constructor(seed: number, width: number, height: number) {
    const tissue = new Tissue(seed, width, height);
    this.tissue = tissue;
    const glands = new Glands(tissue);
    this.fields = new FieldGrid(tissue, glands);
    this.nuclei = new Nuclei(tissue, glands);
    this.ground = new Ground(tissue.noise);
    this.stamp = new Stamp(tissue.noise);
  }

  /** RGBA of the `w` x `h` upper left pixels of tile (col, row) of `level`. */
  tile(
    level: number,
    col: number,
    row: number,
    w: number,
    h: number,
  ): Uint8ClampedArray<ArrayBuffer> {
    const um = 2 ** level / PX_PER_UM;
    const x0 = col * TILE * um;
    const y0 = row * TILE * um;
    const { densities } = this;
    densities.haematoxylin.fill(0);
    densities.eosin.fill(0);
    densities.blood.fill(0);
    if (um >= FAR_UM) paintFar(this.tissue, um, x0, y0, densities);
    else this.paintNear(level, um, col, row);
    return develop(densities, level, col, row, w, h);
  }

  private paintNear(level: number, um: number, col: number, row: number): void {
    const fields = this.fields.of(level, um, col, row);
    if (fields.empty) return;
    const [x0, y0] = [col * TILE * um, row * TILE * um];
    this.ground.paint(fields, level, um, x0, y0, this.densities);
    if (level < TINT_LEVEL) this.stampContent(fields, um, x0, y0);
  }

  private stampContent(fields: TileFields, um: number, x0: number, y0: number): void {
    const { cells, blobs } = this.nuclei.within(x0, y0, x0 + TILE * um, y0 + TILE * um);
    const strength = fields.values[Field.haematoxylin];
    for (const blob of blobs) this.stamp.blob(blob, x0, y0, um, this.densities);
    for (const cell of cells) {
      const i = nodeOf(cell.x, x0, um, fields);
      const j = nodeOf(cell.y, y0, um, fields);
      const stain = strength[j * fields.nodes + i];
      if (um < 2) this.stamp.nucleus(cell, x0, y0, um, stain, this.densities);
      else this.stamp.speck(cell, x0, y0, um, stain, this.densities);
    }
  }
}

/** Node nearest to a coordinate, kept on the tile. */
function nodeOf(v: number, origin: number, um: number, fields: TileFields): number {
  const i = Math.round((v - origin) / (um * fields.step));
  return Math.max(0, Math.min(fields.nodes - 1, i));
}

/** Densities to colours, with sensor noise that hangs on the pixel's place alone. */
function develop(
  { haematoxylin, eosin, blood }: Densities,
  level: number,
  col: number,
  row: number,
  w: number,
  h: number,
): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(w * h * 4);
  const deepest = DEEPEST * RESOLUTION;
  for (let j = 0; j < h; j++) {
    const lineSeed = hash(level, row * TILE + j, 0, 0xd2);
    for (let i = 0; i < w; i++) {
      const at = j * TILE + i;
      const hx = haematoxylin[at] * RESOLUTION;
      const eo = eosin[at] * RESOLUTION;
      const bl = blood[at] * RESOLUTION;
      const red = hx * STAIN_H[0] + eo * STAIN_E[0] + bl * STAIN_BLOOD[0];
      const green = hx * STAIN_H[1] + eo * STAIN_E[1] + bl * STAIN_BLOOD[1];
      const blue = hx * STAIN_H[2] + eo * STAIN_E[2] + bl * STAIN_BLOOD[2];
      let mix = Math.imul(lineSeed ^ Math.imul(col * TILE + i, 0x9e3779b1), 0x2c1b3c6d);
      mix ^= mix >>> 15;
      const grey = GRAIN[mix & (GRAIN_SIZE - 1)];
      const o = (j * w + i) * 4;
      const tinge = 0.5 * GRAIN[(mix >>> 7) & (GRAIN_SIZE - 1)];
      out[o] = WHITE[0] * LIGHT[red > deepest ? deepest : red | 0] + grey + tinge;
      out[o + 1] = WHITE[1] * LIGHT[green > deepest ? deepest : green | 0] + grey;
      out[o + 2] = WHITE[2] * LIGHT[blue > deepest ? deepest : blue | 0] + grey - tinge;
      out[o + 3] = 255;
    }
  }
  return out;
}
