/** Uniforms that both layers set alike. */
import { unapply } from '../core/affine.ts';
import type { Rgb } from '../core/colormap.ts';
import type { Uniforms } from '../core/gl.ts';
import type { Domain, OverlayValue, OverlayView } from './style.ts';

const MODE: Record<OverlayValue, number> = { type: 0, attention: 1, contribution: 2 };
const MOST_TYPES = 16;

/**
 * The affine of the view, in canvas px, for level-0 px less the centre of the view. What grows with
 * the distance from the slide's corner is computed here in doubles, so that 32-bit floats on the
 * graphics card are exact to a small part of a pixel at any magnification of any slide.
 */
export function placeUniforms(
  gl: WebGL2RenderingContext,
  uniforms: Uniforms,
  view: OverlayView,
): void {
  const { a, b, c, d, e, f, width, height, dpr } = view;
  const centre = unapply(view, width / 2, height / 2);
  const origin = { x: Math.fround(centre.x), y: Math.fround(centre.y) };
  const x = a * origin.x + c * origin.y + e;
  const y = b * origin.x + d * origin.y + f;
  gl.uniform2f(uniforms.at('u_origin'), origin.x, origin.y);
  gl.uniformMatrix2fv(uniforms.at('u_linear'), false, [a * dpr, b * dpr, c * dpr, d * dpr]);
  const det = (a * d - b * c) * dpr;
  gl.uniformMatrix2fv(uniforms.at('u_inverse'), false, [d / det, -b / det, -c / det, a / det]);
  gl.uniform2f(uniforms.at('u_offset'), x * dpr, y * dpr);
  gl.uniform2f(uniforms.at('u_size'), width * dpr, height * dpr);
}

export function colourUniforms(
  gl: WebGL2RenderingContext,
  uniforms: Uniforms,
  value: OverlayValue,
  domain: Domain,
  colours: readonly Rgb[],
  texture: WebGLTexture,
): void {
  gl.uniform1i(uniforms.at('u_mode'), MODE[value]);
  gl.uniform2f(uniforms.at('u_domain'), domain[0], domain[1]);
  const flat = new Float32Array(MOST_TYPES * 3);
  colours.slice(0, MOST_TYPES).forEach((rgb, i) => {
    flat.set(
      rgb.map((v) => v / 255),
      3 * i,
    );
  });
  gl.uniform3fv(uniforms.at('u_types'), flat);
  gl.activeTexture(gl.TEXTURE0);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.uniform1i(uniforms.at('u_lut'), 0);
}
