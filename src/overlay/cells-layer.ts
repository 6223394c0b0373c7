/**
 * Cells on the GPU, six vertices each that fetch their row from textures. Threshold, colour map,
 * opacity and which value is shown are uniforms: no slider touches the data. Rows that lie off
 * screen are skipped in runs.
 */
import { type CellTable, RAY_COS, RAY_SIN, RAYS } from '../core/cells.ts';
import type { Rgb } from '../core/colormap.ts';
import type { Blocks } from './blocks.ts';
import { DataTexture } from './data-texture.ts';
import { RANK_BINS } from './distribution.ts';
import { ColourMaps, link, Uniforms } from './gl.ts';
import { CELL_FRAGMENT, CELL_VERTEX } from './shaders.ts';
import { densityOf, type Statistics } from './statistics.ts';
import {
  colorMapOf,
  type Domain,
  hiddenTypesOf,
  type OverlayStyle,
  type OverlayView,
  scaleOf,
  viewBox,
} from './style.ts';
import { colourUniforms, placeUniforms } from './uniforms.ts';

/** Width of the dark rim, CSS px; less on cells so small that it would hide their colour. */
const RIM = 1.5;
const RIM_OF_DIAMETER = 0.12;
/** Longest radius that a table can hold, in its own units: how far a cell may reach into view. */
const MOST_UNITS = 255;
const VERTICES = 6;

export interface Marks {
  /** Rows of the table, or -1. */
  selected: number;
  hovered: number;
}

export class CellsLayer {
  private readonly program: WebGLProgram;
  private readonly uniforms: Uniforms;
  private readonly places: DataTexture;
  private readonly radii: DataTexture;
  private readonly kinds: DataTexture;
  private readonly ranks: WebGLTexture;
  private ranksOf = -1;
  private readonly maps: ColourMaps;
  private table: CellTable | null = null;

  /** `blocks` and `statistics` know of the rows before this layer is told of them. */
  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly blocks: Blocks,
    private readonly statistics: Statistics,
  ) {
    this.program = link(gl, CELL_VERTEX, CELL_FRAGMENT);
    this.uniforms = new Uniforms(gl, this.program);
    this.maps = new ColourMaps(gl);
    this.ranks = gl.createTexture();
    this.places = new DataTexture(gl, {
      internal: gl.RGBA32F,
      format: gl.RGBA,
      type: gl.FLOAT,
      texels: 1,
      elements: 4,
    });
    this.radii = new DataTexture(gl, {
      internal: gl.RGBA32UI,
      format: gl.RGBA_INTEGER,
      type: gl.UNSIGNED_INT,
      texels: 2,
      elements: RAYS / 4,
    });
    this.kinds = new DataTexture(gl, {
      internal: gl.RG16UI,
      format: gl.RG_INTEGER,
      type: gl.UNSIGNED_SHORT,
      texels: 1,
      elements: 2,
    });
  }

  setTable(table: CellTable): void {
    this.table = table;
    this.upload(0);
  }

  /** Rows from `first` on are new. */
  appended(first: number): void {
    if (this.table && this.table.count > first) this.upload(first);
  }

  /** Attention and contribution of rows [from, to) changed. */
  valuesChanged(from: number, to: number): void {
    const { table } = this;
    if (!table || to <= from) return;
    this.places.write(from, to, this.placesOf(table, from, to));
    this.kinds.write(from, to, this.kindsOf(table, from, to));
  }

  draw(
    view: OverlayView,
    style: OverlayStyle,
    domain: Domain,
    colours: readonly Rgb[],
    marks: Marks,
  ): void {
    const { gl, statistics, table, uniforms } = this;
    if (!table || table.count === 0) return;
    const scale = scaleOf(view);
    const diameter = statistics.meanDiameter * scale * view.dpr;
    gl.useProgram(this.program);
    this.refreshRanks();
    placeUniforms(gl, uniforms, view);
    colourUniforms(gl, uniforms, style.value, domain, colours, this.maps.at(colorMapOf(style)));
    const textures = {
      u_places: this.places.texture,
      u_radii: this.radii.texture,
      u_kinds: this.kinds.texture,
      u_ranks: this.ranks,
    };
    // Unit 0 holds the colour map.
    Object.entries(textures).forEach(([name, texture], i) => {
      gl.activeTexture(gl.TEXTURE1 + i);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.uniform1i(uniforms.at(name), 1 + i);
    });
    gl.activeTexture(gl.TEXTURE0);
    gl.uniform1f(uniforms.at('u_radiusUnit'), table.radiusUnit);
    gl.uniform1f(uniforms.at('u_pixel'), 1 / (scale * view.dpr));
    gl.uniform2fv(uniforms.at('u_directions'), DIRECTIONS);
    gl.uniform1f(uniforms.at('u_cut'), style.threshold);
    gl.uniform1i(uniforms.at('u_byRank'), style.attentionScale === 'rank' ? 1 : 0);
    gl.uniform1ui(
      uniforms.at('u_hiddenTypes'),
      hiddenTypesOf(style).reduce((bits, type) => bits | (1 << type), 0) >>> 0,
    );
    gl.uniform1i(uniforms.at('u_selected'), marks.selected);
    gl.uniform1i(uniforms.at('u_hovered'), marks.hovered);
    gl.uniform1f(uniforms.at('u_opacity'), style.opacity);
    gl.uniform1f(uniforms.at('u_rim'), Math.min(RIM * view.dpr, RIM_OF_DIAMETER * diameter));
    gl.uniform1f(uniforms.at('u_ring'), RIM * view.dpr);
    for (const run of this.blocks.meeting(viewBox(view), MOST_UNITS * table.radiusUnit)) {
      gl.drawArrays(gl.TRIANGLES, VERTICES * run.first, VERTICES * run.count);
    }
  }

  destroy(): void {
    const { gl } = this;
    const data = [this.places, this.radii, this.kinds].map(({ texture }) => texture);
    for (const texture of [...data, this.ranks]) gl.deleteTexture(texture);
    this.maps.destroy();
    gl.deleteProgram(this.program);
  }

  private upload(first: number): void {
    const { table } = this;
    if (!table) return;
    const renewed = [this.places, this.radii, this.kinds].map((data) => data.reserve(table.count));
    const from = renewed.includes(true) ? 0 : first;
    const to = table.count;
    if (to <= from) return;
    this.places.write(from, to, this.placesOf(table, from, to));
    this.kinds.write(from, to, this.kindsOf(table, from, to));
    // Four rays a word, the first in the lowest byte: the order of bytes of every machine we know.
    const { buffer, byteOffset } = table.radii;
    const words = new Uint32Array(
      buffer as ArrayBuffer,
      byteOffset + from * RAYS,
      ((to - from) * RAYS) / 4,
    );
    this.radii.write(from, to, words);
  }

  private placesOf(table: CellTable, from: number, to: number): Float32Array<ArrayBuffer> {
    const out = new Float32Array(4 * (to - from));
    for (let row = from, i = 0; row < to; row++) {
      out[i++] = table.x[row];
      out[i++] = table.y[row];
      out[i++] = densityOf(table, row);
      out[i++] = table.contribution[row];
    }
    return out;
  }

  private kindsOf(table: CellTable, from: number, to: number): Uint16Array<ArrayBuffer> {
    const out = new Uint16Array(2 * (to - from));
    const { densityBins } = this.statistics;
    for (let row = from, i = 0; row < to; row++) {
      out[i++] = table.type[row];
      out[i++] = densityBins[row];
    }
    return out;
  }

  private refreshRanks(): void {
    const { gl, statistics } = this;
    if (this.ranksOf === statistics.version) return;
    this.ranksOf = statistics.version;
    gl.bindTexture(gl.TEXTURE_2D, this.ranks);
    const { ranks } = statistics;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, RANK_BINS, 1, 0, gl.RED, gl.FLOAT, ranks);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  }
}

/** Directions of the rays as pairs, the first one once more at the end. */
const DIRECTIONS = Float32Array.from({ length: 2 * RAYS + 2 }, (_, i) =>
  i % 2 === 0 ? RAY_COS[(i >> 1) % RAYS] : RAY_SIN[(i >> 1) % RAYS],
);
