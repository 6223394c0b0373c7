/**
 * Cells on the GPU, one vertex each. Gates, threshold, colour map, opacity, level and which value is
 * shown are uniforms: no slider touches the data. Rows that lie off screen are skipped in runs.
 */

import { boxInView, scaleOf } from '../core/affine.ts';
import { type CellTable, createCells, RAY_COS, RAY_SIN, RAYS } from '../core/cells.ts';
import type { Rgb } from '../core/colormap.ts';
import { link, Uniforms } from '../core/gl.ts';
import type { Blocks } from './blocks.ts';
import { AT, type CellShape, cellShaders } from './cell-shaders.ts';
import { ColumnBuffer } from './column-buffer.ts';
import { areaSteps, boundsOf } from './gate.ts';
import { ColourMaps } from './gl.ts';
import { LevelTextures } from './level-textures.ts';
import { densityOf, type Statistics } from './statistics.ts';
import {
  colorMapOf,
  type Domain,
  gateOf,
  levelOf,
  type OverlayStyle,
  type OverlayView,
} from './style.ts';
import { colourUniforms, placeUniforms } from './uniforms.ts';

/** Width of the dark rim, CSS px; less on cells so small that it would hide their colour. */
const RIM = 1.5;
const RIM_OF_DIAMETER = 0.12;
/**
 * Mean diameter, canvas px, below which a disc of the same area stands for an outline. At 8 px a disc
 * lay up to 0.8 px from its outline (e2e/registration.spec.ts), so at 3 px some 0.3.
 */
const DISC_PX = 3;
/** A field's number is held in 20 bits. */
const FIELD_BITS = 0xfffff;
/** Rows made ready at a time: what lies between the table and the card stays small. */
const CHUNK_ROWS = 1 << 16;

export interface Marks {
  /** Rows of the table, or -1. */
  selected: number;
  hovered: number;
}

interface Program {
  program: WebGLProgram;
  uniforms: Uniforms;
  attributes: WebGLVertexArrayObject;
  /** Buffers changed since its attributes were pointed at them. */
  stale: boolean;
}

export class CellsLayer {
  private readonly programs = new Map<CellShape, Program>();
  private readonly places: ColumnBuffer;
  private readonly kinds: ColumnBuffer;
  private readonly radii: ColumnBuffer;
  private readonly levels: LevelTextures;
  private readonly maps: ColourMaps;
  private readonly largestPoint: number;
  private table: CellTable = createCells(0, 1);
  private mpp = 1;
  private written = 0;

  /** `blocks` and `statistics` know of the rows before this layer is told of them. */
  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly blocks: Blocks,
    private readonly statistics: Statistics,
  ) {
    this.maps = new ColourMaps(gl);
    this.levels = new LevelTextures(gl, statistics);
    this.places = new ColumnBuffer(gl, 16);
    this.kinds = new ColumnBuffer(gl, 8);
    this.radii = new ColumnBuffer(gl, RAYS);
    this.largestPoint = gl.getParameter(gl.ALIASED_POINT_SIZE_RANGE)?.[1] ?? 1;
  }

  /** Show another table; `mpp` is um per level-0 px. */
  setTable(table: CellTable, mpp: number): void {
    this.table = table;
    this.mpp = mpp;
    this.written = 0;
    this.appended();
  }

  /** Rows after those already written are new. */
  appended(): void {
    const { table, written } = this;
    if (table.count <= written) return;
    for (const column of [this.places, this.kinds, this.radii]) {
      if (column.reserve(table.count, written)) {
        for (const program of this.programs.values()) program.stale = true;
      }
    }
    this.write(written, table.count);
    this.radii.write(
      written,
      table.radii.subarray(written * RAYS, table.count * RAYS) as Uint8Array<ArrayBuffer>,
    );
    this.written = table.count;
  }

  /** Attention and contribution of rows [from, to) changed; rows not yet written are left. */
  valuesChanged(from: number, to: number): void {
    this.write(from, Math.min(to, this.written));
  }

  /** Which cells are marked as inside has changed. */
  insideChanged(): void {
    for (let first = 0; first < this.written; first += CHUNK_ROWS) {
      const end = Math.min(this.written, first + CHUNK_ROWS);
      this.kinds.write(first, kindsOf(this.table, this.statistics, first, end));
    }
  }

  draw(
    view: OverlayView,
    style: OverlayStyle,
    domain: Domain,
    colours: readonly Rgb[],
    marks: Marks,
  ): void {
    const { gl, statistics, table } = this;
    if (this.written === 0) return;
    const pxPerPx = scaleOf(view) * view.dpr;
    const reach = statistics.longestRadius * pxPerPx + 1;
    const diameter = statistics.meanDiameter * pxPerPx;
    const shape = this.shapeFor(diameter, reach);
    const { program, uniforms, attributes } = this.programOf(shape);
    gl.useProgram(program);
    placeUniforms(gl, uniforms, view);
    colourUniforms(gl, uniforms, style.value, domain, colours, this.maps.at(colorMapOf(style)));
    this.levels.bind(uniforms, levelOf(style));
    gateUniforms(gl, uniforms, style);
    const margin = shape === 'QUADS' ? 0 : Math.ceil(reach);
    gl.uniform1f(uniforms.at('u_margin'), margin);
    gl.uniform1f(uniforms.at('u_radiusUnit'), shape === 'DISCS' ? 1 / this.mpp : table.radiusUnit);
    gl.uniform1f(uniforms.at('u_pixel'), 1 / pxPerPx);
    gl.uniform2fv(uniforms.at('u_directions'), DIRECTIONS);
    gl.uniform1i(uniforms.at('u_selected'), marks.selected);
    gl.uniform1i(uniforms.at('u_hovered'), marks.hovered);
    gl.uniform1f(uniforms.at('u_opacity'), style.opacity);
    gl.uniform1f(uniforms.at('u_rim'), Math.min(RIM * view.dpr, RIM_OF_DIAMETER * diameter));
    gl.uniform1f(uniforms.at('u_ring'), RIM * view.dpr);
    // Points are clipped by their centres: those just beyond the canvas must count as inside.
    const [w, h] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
    gl.viewport(-margin, -margin, w + 2 * margin, h + 2 * margin);
    gl.bindVertexArray(attributes);
    for (const run of this.blocks.meeting(boxInView(view), statistics.longestRadius)) {
      if (shape === 'QUADS') {
        // There is no first instance in WebGL: the attributes start there instead.
        this.point(shape, run.first);
        gl.uniform1i(uniforms.at('u_first'), run.first);
        gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, run.count);
      } else {
        gl.drawArrays(gl.POINTS, run.first, run.count);
      }
    }
    gl.bindVertexArray(null);
    gl.viewport(0, 0, w, h);
  }

  destroy(): void {
    const { gl } = this;
    for (const { program, attributes } of this.programs.values()) {
      gl.deleteProgram(program);
      gl.deleteVertexArray(attributes);
    }
    this.programs.clear();
    for (const column of [this.places, this.kinds, this.radii]) column.destroy();
    this.levels.destroy();
    this.maps.destroy();
  }

  /** `diameter` and `reach` in canvas px. */
  private shapeFor(diameter: number, reach: number): CellShape {
    if (diameter < DISC_PX) return 'DISCS';
    return 2 * reach + 1 <= this.largestPoint ? 'POINTS' : 'QUADS';
  }

  /** Compiled when first needed: a driver takes its time over each. */
  private programOf(shape: CellShape): Program {
    let known = this.programs.get(shape);
    if (!known) {
      const { gl } = this;
      const { vertex, fragment } = cellShaders(shape);
      const program = link(gl, vertex, fragment);
      const attributes = gl.createVertexArray();
      known = { program, uniforms: new Uniforms(gl, program), attributes, stale: true };
      this.programs.set(shape, known);
    }
    if (known.stale) {
      this.gl.bindVertexArray(known.attributes);
      this.point(shape, 0);
      known.stale = false;
    }
    return known;
  }

  /** Point the attributes of the bound vertex array at the rows from `first` on. */
  private point(shape: CellShape, first: number): void {
    const { gl, places, kinds, radii } = this;
    const divisor = shape === 'QUADS' ? 1 : 0;
    const from = (column: ColumnBuffer) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, column.buffer);
      return first * column.bytesPerCell;
    };
    const used = shape === 'DISCS' ? [AT.cell, AT.kind] : Object.values(AT);
    for (const location of used) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribDivisor(location, divisor);
    }
    gl.vertexAttribPointer(AT.cell, 4, gl.FLOAT, false, 0, from(places));
    gl.vertexAttribIPointer(AT.kind, 2, gl.UNSIGNED_INT, 0, from(kinds));
    if (shape === 'DISCS') return;
    // Four rays a word, the first in the lowest byte: the order of bytes of every machine we know.
    const start = from(radii);
    gl.vertexAttribIPointer(AT.low, 4, gl.UNSIGNED_INT, RAYS, start);
    gl.vertexAttribIPointer(AT.high, 4, gl.UNSIGNED_INT, RAYS, start + RAYS / 2);
  }

  private write(from: number, to: number): void {
    for (let first = from; first < to; first += CHUNK_ROWS) {
      const end = Math.min(to, first + CHUNK_ROWS);
      this.places.write(first, placesOf(this.table, first, end));
      this.kinds.write(first, kindsOf(this.table, this.statistics, first, end));
    }
  }
}

function placesOf(table: CellTable, from: number, to: number): Float32Array<ArrayBuffer> {
  const { x, y, contribution } = table;
  const out = new Float32Array(4 * (to - from));
  for (let row = from, i = 0; row < to; row++) {
    out[i++] = x[row];
    out[i++] = y[row];
    out[i++] = densityOf(table, row);
    out[i++] = contribution[row];
  }
  return out;
}

function kindsOf(
  table: CellTable,
  { densityBins, inside }: Statistics,
  from: number,
  to: number,
): Uint32Array<ArrayBuffer> {
  const { type, confidence, field, area } = table;
  const out = new Uint32Array(2 * (to - from));
  for (let row = from, i = 0; row < to; row++) {
    out[i++] = type[row] | (confidence[row] << 8) | (densityBins[row] << 16) | (inside[row] << 31);
    out[i++] = (field[row] & FIELD_BITS) | (areaSteps(area[row]) << 20);
  }
  return out;
}

function gateUniforms(gl: WebGL2RenderingContext, uniforms: Uniforms, style: OverlayStyle): void {
  const bounds = boundsOf(gateOf(style));
  // An empty range ends at -1, which no unsigned number is.
  const pair = ([low, high]: readonly [number, number]) =>
    high < 0 ? ([1, 0] as const) : ([low, high] as const);
  gl.uniform1f(uniforms.at('u_cut'), style.threshold);
  gl.uniform1i(uniforms.at('u_byRank'), style.attentionScale === 'rank' ? 1 : 0);
  gl.uniform1i(uniforms.at('u_slideLevel'), levelOf(style) === 'slide' ? 1 : 0);
  gl.uniform1ui(uniforms.at('u_shownTypes'), bounds.types);
  gl.uniform1i(uniforms.at('u_insideOnly'), bounds.inside ? 1 : 0);
  gl.uniform2ui(uniforms.at('u_areas'), ...pair(bounds.area));
  gl.uniform2ui(uniforms.at('u_confidences'), ...pair(bounds.confidence));
  gl.uniform2f(uniforms.at('u_contributions'), ...bounds.contribution);
  gl.uniform2f(uniforms.at('u_rankRange'), ...bounds.rank);
}

/** Directions of the rays as pairs, the first one once more at the end. */
const DIRECTIONS = Float32Array.from({ length: 2 * RAYS + 2 }, (_, i) =>
  i % 2 === 0 ? RAY_COS[(i >> 1) % RAYS] : RAY_SIN[(i >> 1) % RAYS],
);
