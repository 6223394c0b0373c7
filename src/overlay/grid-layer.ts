/** The aggregated grid as a textured rectangle: one texel a square, coloured by uniforms. */
import type { Rgb } from '../core/colormap.ts';
import { ColourMaps, link, Uniforms } from './gl.ts';
import type { Grid } from './grid.ts';
import { GRID_FRAGMENT, GRID_VERTEX } from './shaders.ts';
import { colorMapOf, type Domain, type OverlayStyle, type OverlayView } from './style.ts';
import { colourUniforms, placeUniforms } from './uniforms.ts';

/** Stands for "no cell here" in the texture; no sum is ever this low. */
const EMPTY = -1e30;

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
    const texels = grid.values.map((value) => (Number.isNaN(value) ? EMPTY : value));
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, grid.cols, grid.rows, 0, gl.RED, gl.FLOAT, texels);
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
    gl.uniform1f(uniforms.at('u_empty'), EMPTY);
    gl.uniform1f(uniforms.at('u_cut'), cut);
    // Between two types there is nothing to interpolate.
    gl.uniform1i(uniforms.at('u_smooth'), style.smooth && style.value !== 'type' ? 1 : 0);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniform1i(uniforms.at('u_sums'), 1);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.activeTexture(gl.TEXTURE0);
  }

  destroy(): void {
    this.gl.deleteTexture(this.texture);
    this.maps.destroy();
    this.gl.deleteProgram(this.program);
  }
}
