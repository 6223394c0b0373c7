/**
 * Cells on the GPU, one instance each. Threshold, colour map, opacity and which value is shown are
 * uniforms: no slider touches the data. Rows that lie off screen are skipped in runs.
 */
import { type CellTable, RAY_COS, RAY_SIN, RAYS } from '../core/cells.ts';
import { lut, type Rgb } from '../core/colormap.ts';
import type { Blocks } from './blocks.ts';
import { RANK_BINS } from './distribution.ts';
import { link, lutTexture, Uniforms } from './gl.ts';
import { CELL_FRAGMENT, CELL_VERTEX, SMALL_CELL_FRAGMENT, SMALL_CELL_VERTEX } from './shaders.ts';
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
/**
 * Below this mean diameter (canvas px) cells are two triangles each with the work in the few pixels;
 * above it 32 triangles with the work in the corners.
 */
const SMALL = 16;
/** Longest radius that a table can hold, in its own units: how far a cell may reach into view. */
const MOST_UNITS = 255;

interface Program {
  program: WebGLProgram;
  uniforms: Uniforms;
}

interface Column {
  buffer: WebGLBuffer;
  /** Bytes a cell. */
  size: number;
  /** Rows [from, to) of the table as bytes. */
  bytes(table: CellTable, from: number, to: number): ArrayBufferView<ArrayBuffer>;
}

export interface Marks {
  /** Rows of the table, or -1. */
  selected: number;
  hovered: number;
}

export class CellsLayer {
  private readonly large: Program;
  private readonly small: Program;
  private readonly array: WebGLVertexArrayObject;
  private readonly centres: Column;
  private readonly radii: Column;
  private readonly types: Column;
  private readonly values: Column;
  private readonly bins: Column;
  private readonly fan: WebGLBuffer;
  private readonly ranks: WebGLTexture;
  private ranksOf = -1;
  private readonly luts = new Map<string, WebGLTexture>();
  private capacity = 0;
  private table: CellTable | null = null;

  /** `blocks` and `statistics` know of the rows before this layer is told of them. */
  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly blocks: Blocks,
    private readonly statistics: Statistics,
  ) {
    this.large = programOf(gl, CELL_VERTEX, CELL_FRAGMENT);
    this.small = programOf(gl, SMALL_CELL_VERTEX, SMALL_CELL_FRAGMENT);
    this.array = gl.createVertexArray();
    this.ranks = gl.createTexture();
    this.fan = gl.createBuffer();
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.fan);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, FAN, gl.STATIC_DRAW);
    gl.bindVertexArray(null);
    const column = (size: number, bytes: Column['bytes']): Column => ({
      buffer: gl.createBuffer(),
      size,
      bytes,
    });
    this.centres = column(8, (table, from, to) =>
      pairs(from, to, (row) => [table.x[row], table.y[row]]),
    );
    this.radii = column(RAYS, (table, from, to) => bytesOf(table.radii, from * RAYS, to * RAYS));
    this.types = column(1, (table, from, to) => bytesOf(table.type, from, to));
    this.values = column(8, (table, from, to) =>
      pairs(from, to, (row) => [densityOf(table, row), table.contribution[row]]),
    );
    this.bins = column(2, (_, from, to) => this.statistics.densityBins.subarray(from, to));
  }

  setTable(table: CellTable): void {
    this.table = table;
    this.upload(0);
  }

  /** Rows from `first` on are new. */
  appended(first: number): void {
    const { table } = this;
    if (!table || table.count === first) return;
    this.upload(first);
  }

  /** Attention and contribution of rows [from, to) changed. */
  valuesChanged(from: number, to: number): void {
    if (!this.table || to > this.capacity) return;
    this.write(this.values, this.table, from, to);
    this.write(this.bins, this.table, from, to);
  }

  draw(
    view: OverlayView,
    style: OverlayStyle,
    domain: Domain,
    colours: readonly Rgb[],
    marks: Marks,
  ): void {
    const { gl, statistics, table } = this;
    if (!table || table.count === 0) return;
    const scale = scaleOf(view);
    const diameter = statistics.meanDiameter * scale * view.dpr;
    const small = diameter < SMALL;
    const { program, uniforms } = small ? this.small : this.large;
    gl.useProgram(program);
    gl.bindVertexArray(this.array);
    placeUniforms(gl, uniforms, view);
    colourUniforms(gl, uniforms, style.value, domain, colours, this.lutOf(colorMapOf(style)));
    this.bindRanks(uniforms);
    gl.uniform1f(uniforms.at('u_radiusUnit'), table.radiusUnit);
    gl.uniform1f(uniforms.at('u_pixel'), 1 / (scale * view.dpr));
    if (small) gl.uniform2fv(uniforms.at('u_directions'), DIRECTIONS);
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
      this.pointAt(run.first);
      gl.uniform1i(uniforms.at('u_first'), run.first);
      if (small) gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, run.count);
      else gl.drawElementsInstanced(gl.TRIANGLES, FAN.length, gl.UNSIGNED_BYTE, 0, run.count);
    }
    gl.bindVertexArray(null);
  }

  destroy(): void {
    const { gl } = this;
    for (const { buffer } of this.columns()) gl.deleteBuffer(buffer);
    for (const texture of [this.ranks, ...this.luts.values()]) gl.deleteTexture(texture);
    gl.deleteBuffer(this.fan);
    gl.deleteVertexArray(this.array);
    gl.deleteProgram(this.large.program);
    gl.deleteProgram(this.small.program);
  }

  private columns(): Column[] {
    return [this.centres, this.radii, this.types, this.values, this.bins];
  }

  private upload(first: number): void {
    const { gl, table } = this;
    if (!table) return;
    let from = first;
    if (table.count > this.capacity) {
      this.capacity = Math.max(1024, 2 ** Math.ceil(Math.log2(table.count)));
      for (const { buffer, size } of this.columns()) {
        gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
        gl.bufferData(gl.ARRAY_BUFFER, this.capacity * size, gl.DYNAMIC_DRAW);
      }
      from = 0;
    }
    for (const column of this.columns()) this.write(column, table, from, table.count);
  }

  private write(column: Column, table: CellTable, from: number, to: number): void {
    if (to <= from) return;
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, column.buffer);
    gl.bufferSubData(gl.ARRAY_BUFFER, from * column.size, column.bytes(table, from, to));
  }

  /** WebGL2 has no first instance: the attributes themselves start at row `first`. */
  private pointAt(first: number): void {
    const { gl } = this;
    const attribute = (location: number, { buffer, size }: Column, set: (at: number) => void) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(location);
      set(first * size);
      gl.vertexAttribDivisor(location, 1);
    };
    attribute(0, this.centres, (at) => gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, at));
    attribute(1, this.radii, (at) => gl.vertexAttribIPointer(1, 4, gl.UNSIGNED_INT, RAYS, at));
    attribute(2, this.radii, (at) =>
      gl.vertexAttribIPointer(2, 4, gl.UNSIGNED_INT, RAYS, at + RAYS / 2),
    );
    attribute(3, this.types, (at) => gl.vertexAttribIPointer(3, 1, gl.UNSIGNED_BYTE, 1, at));
    attribute(4, this.values, (at) => gl.vertexAttribPointer(4, 2, gl.FLOAT, false, 0, at));
    attribute(5, this.bins, (at) => gl.vertexAttribIPointer(5, 1, gl.UNSIGNED_SHORT, 2, at));
  }

  private bindRanks(uniforms: Uniforms): void {
    const { gl, statistics } = this;
    gl.activeTexture(gl.TEXTURE2);
    gl.bindTexture(gl.TEXTURE_2D, this.ranks);
    if (this.ranksOf !== statistics.version) {
      this.ranksOf = statistics.version;
      const { ranks } = statistics;
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, RANK_BINS, 1, 0, gl.RED, gl.FLOAT, ranks);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    }
    gl.uniform1i(uniforms.at('u_ranks'), 2);
    gl.activeTexture(gl.TEXTURE0);
  }

  private lutOf(map: Parameters<typeof lut>[0]): WebGLTexture {
    const known = this.luts.get(map);
    if (known) return known;
    const texture = lutTexture(this.gl, lut(map));
    this.luts.set(map, texture);
    return texture;
  }
}

/** Triangles from the centre (vertex 0) to each two neighbouring rays: an end is computed once. */
const FAN = Uint8Array.from(
  Array.from({ length: RAYS }, (_, k) => [0, k + 1, ((k + 1) % RAYS) + 1]).flat(),
);

/** Directions of the rays as pairs, the first one once more at the end. */
const DIRECTIONS = Float32Array.from({ length: 2 * RAYS + 2 }, (_, i) =>
  i % 2 === 0 ? RAY_COS[(i >> 1) % RAYS] : RAY_SIN[(i >> 1) % RAYS],
);

function programOf(gl: WebGL2RenderingContext, vertex: string, fragment: string): Program {
  const program = link(gl, vertex, fragment);
  return { program, uniforms: new Uniforms(gl, program) };
}

function pairs(
  from: number,
  to: number,
  pair: (row: number) => readonly [number, number],
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(2 * (to - from));
  for (let row = from, i = 0; row < to; row++, i += 2) out.set(pair(row), i);
  return out;
}

function bytesOf(column: Uint8Array, from: number, to: number): Uint8Array<ArrayBuffer> {
  return column.subarray(from, to) as Uint8Array<ArrayBuffer>;
}
