/** Shaders of the grid: one texel a square, blocks or smooth, lines of equal value, hatching. */
import { COLOUR, PLACE } from './shaders.ts';

export const GRID_VERTEX = `#version 300 es
precision highp float;
uniform vec2 u_corner;
uniform vec2 u_extent;
out vec2 v_at;
${PLACE}

void main() {
  v_at = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
  vec2 clip = place(u_corner - u_origin + v_at * u_extent) / u_size * 2.0 - 1.0;
  gl_Position = vec4(clip.x, -clip.y, 0.0, 1.0);
}
`;

export const GRID_FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
in vec2 v_at;
/** Value of a square, and the number of its cells: GPUs may not keep NaN. */
uniform sampler2D u_squares;
uniform float u_opacity;
uniform float u_cut;
uniform bool u_smooth;
/** Difference between lines of equal value; 0 for no lines. */
uniform float u_lineStep;
/** Half the width of a line, canvas px; canvas px of a CSS px. */
uniform float u_lineHalf;
uniform float u_dpr;
/** Side of a square, canvas px. */
uniform float u_squarePx;
/** Squares of fewer cells are hatched. */
uniform float u_sparse;
out vec4 o_colour;
${COLOUR}

/** Value of a square, and 1; or 0, 0 where it holds no cell. */
vec2 square(vec2 at) {
  ivec2 most = textureSize(u_squares, 0) - 1;
  vec2 held = texelFetch(u_squares, clamp(ivec2(at), ivec2(0), most), 0).rg;
  return held.g > 0.0 ? vec2(held.r, 1.0) : vec2(0.0);
}

/** How much of a line of equal value covers a place between four centres, 0..1. */
float lineAt(vec2 part, vec4 corners) {
  float upper = mix(corners.x, corners.y, part.x);
  float lower = mix(corners.z, corners.w, part.x);
  float value = mix(upper, lower, part.y);
  // The slope is known exactly; a difference between pixels would break at every square.
  vec2 slope = vec2(mix(corners.y - corners.x, corners.w - corners.z, part.y), lower - upper);
  float perPixel = length(slope) / (u_squarePx * u_lineStep);
  if (perPixel <= 0.0) return 0.0;
  float steps = value / u_lineStep;
  float far = abs(fract(steps + 0.5) - 0.5) / perPixel;
  return clamp(u_lineHalf + 0.5 - far, 0.0, 1.0);
}

void main() {
  vec2 at = v_at * vec2(textureSize(u_squares, 0));
  vec2 own = square(floor(at));
  vec2 low = floor(at - 0.5);
  vec2 part = at - 0.5 - low;
  vec2 a = square(low);
  vec2 b = square(low + vec2(1.0, 0.0));
  vec2 c = square(low + vec2(0.0, 1.0));
  vec2 d = square(low + 1.0);
  vec2 sum = own;
  if (u_smooth) {
    sum = mix(mix(a, b, part.x), mix(c, d, part.x), part.y);
    // Squares without cells take no part in the mean, and nothing is drawn on them.
    sum.x = sum.y > 0.0 ? sum.x / sum.y : 0.0;
  }
  if (own.y <= 0.0 || (u_mode != 0 && abs(sum.x) < u_cut)) discard;
  float alpha = u_opacity;
  float cells = texelFetch(u_squares, ivec2(at), 0).g;
  if (cells < u_sparse) {
    float stripe = fract((gl_FragCoord.x + gl_FragCoord.y) / (6.0 * u_dpr));
    alpha *= stripe < 0.5 ? 1.0 : 0.2;
  }
  vec4 colour = vec4(colourOf(sum.x, int(sum.x + 0.5)), 1.0) * alpha;
  vec2 beyond = vec2(textureSize(u_squares, 0)) - 1.0;
  bool between = all(greaterThanEqual(low, vec2(0.0))) && all(lessThan(low, beyond));
  if (u_lineStep > 0.0 && between && a.y * b.y * c.y * d.y > 0.0) {
    float line = lineAt(part, vec4(a.x, b.x, c.x, d.x));
    colour = mix(colour, vec4(vec3(0.08), 1.0), 0.75 * line);
  }
  o_colour = colour;
}
`;
