/** The aggregated grid as a textured rectangle: one texel a square, coloured by uniforms. */

import { scaleOf } from '../core/affine.ts';
import type { Rgb } from '../core/colormap.ts';
import { link, Uniforms } from '../core/gl.ts';
import { ColourMaps } from './gl.ts';
import type { Grid } from './grid.ts';
import { GRID_FRAGMENT, GRID_VERTEX } from './grid-shaders.ts';
import {
  colorMapOf,
  type Domain,
  hatchOf,
  lineStepOf,
  type OverlayStyle,
  type OverlayView,
  SPARSE_CELLS,
} from './style.ts';
import { colourUniforms, placeUniforms } from './uniforms.ts';

/** Width of a line of equal value, CSS px. */
const LINE_WIDTH = 1.2;

export class GridLayer {
  private readonly program: WebGLProgram;
  private readonly uniforms: Uniforms;
  private readonly texture: WebGLTexture;
  private readonly maps: ColourMaps;
  private grid: Grid | null = null;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.program = link(gl, GRID_VERTEX, GRID_FRAGMENT);
    this.uniforms = new Uniforms(gl, this.program);
    this.maps = new ColourMaps(gl);
    this.texture = gl.createTexture();
  }

  setGrid(grid: Grid): void {
    this.grid = grid;
    const { gl } = this;
    const { cols, rows, counts, values } = grid;
    const texels = new Float32Array(2 * values.length);
    for (let i = 0; i < values.length; i++) {
      texels[2 * i] = counts[i] > 0 ? values[i] : 0;
      texels[2 * i + 1] = counts[i];
    }
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG32F, cols, rows, 0, gl.RG, gl.FLOAT, texels);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
      gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
    }
    // The shader reads single texels: floats need not be filterable.
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  }

  draw(
    view: OverlayView,
    style: OverlayStyle,
    domain: Domain,
    cut: number,
    colours: readonly Rgb[],
  ): void {
    const { gl, grid, uniforms } = this;
    if (!grid) return;
    gl.useProgram(this.program);
    placeUniforms(gl, uniforms, view);
    colourUniforms(gl, uniforms, style.value, domain, colours, this.maps.at(colorMapOf(style)));
    gl.uniform2f(uniforms.at('u_corner'), grid.x, grid.y);
    gl.uniform2f(uniforms.at('u_extent'), grid.cols * grid.size, grid.rows * grid.size);
    gl.uniform1f(uniforms.at('u_opacity'), style.opacity);
    gl.uniform1f(uniforms.at('u_cut'), cut);
    // Between two types there is nothing to interpolate.
    gl.uniform1i(uniforms.at('u_smooth'), style.smooth && style.value !== 'type' ? 1 : 0);
    gl.uniform1f(uniforms.at('u_lineStep'), lineStepOf(style, domain));
    gl.uniform1f(uniforms.at('u_lineHalf'), (LINE_WIDTH / 2) * view.dpr);
    gl.uniform1f(uniforms.at('u_dpr'), view.dpr);
    gl.uniform1f(uniforms.at('u_squarePx'), grid.size * scaleOf(view) * view.dpr);
    gl.uniform1f(uniforms.at('u_sparse'), hatchOf(style) ? SPARSE_CELLS : 0);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniform1i(uniforms.at('u_squares'), 1);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.activeTexture(gl.TEXTURE0);
  }

  destroy(): void {
    this.gl.deleteTexture(this.texture);
    this.maps.destroy();
    this.gl.deleteProgram(this.program);
  }
}
