/** The view as uniforms: where level-0 px lie on the canvas. */
import { RAY_COS, RAY_SIN, RAYS } from '../core/cells.ts';
import type { Point } from '../core/geometry.ts';
import type { Uniforms } from './gl.ts';
import type { OverlayView } from './style.ts';

/** Directions of the rays as pairs, for the cell shader. */
export const DIRECTIONS = Float32Array.from({ length: 2 * RAYS }, (_, i) =>
  i % 2 === 0 ? RAY_COS[i >> 1] : RAY_SIN[i >> 1],
);

/** Size in px that the canvas must have for a view. */
export function canvasSize(view: OverlayView): [number, number] {
  return [
    Math.max(1, Math.round(view.width * view.dpr)),
    Math.max(1, Math.round(view.height * view.dpr)),
  ];
}

/**
 * Set the affine for coordinates less `centre` (level-0 px, rounded here to what a float holds).
 * The part that grows with the distance from the slide's corner is computed in doubles.
 */
export function setPlace(
  gl: WebGL2RenderingContext,
  uniforms: Uniforms,
  view: OverlayView,
  centre: Point,
): void {
  const { a, b, c, d, e, f, dpr } = view;
  const [x, y] = [Math.fround(centre.x), Math.fround(centre.y)];
  gl.uniform2f(uniforms.at('u_centre'), x, y);
  gl.uniformMatrix2fv(uniforms.at('u_linear'), false, [a * dpr, b * dpr, c * dpr, d * dpr]);
  gl.uniform2f(uniforms.at('u_offset'), (a * x + c * y + e) * dpr, (b * x + d * y + f) * dpr);
  gl.uniform2f(uniforms.at('u_size'), ...canvasSize(view));
}
