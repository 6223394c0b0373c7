/**
 * Shaders. A cell is one instance. Where it is large, vertex 0 is its centre and vertex k + 1 the end
 * of ray k; `v_edge` is 0 at the centre and 1 on the outline, and its slope on screen turns it into
 * a distance in pixels, so that fill, dark rim and antialiasing are one pass. Where it is small, it
 * is a square whose few pixels find their own distance: corners would cost more than pixels do.
 */

/** Colour by value: u_mode 0 type, otherwise u_domain spans the colour map. */
const COLOUR = `
uniform int u_mode;
uniform vec2 u_domain;
uniform vec3 u_types[16];
uniform sampler2D u_lut;

vec3 colourOf(float value, int type) {
  if (u_mode == 0) return u_types[min(type, 15)];
  float t = clamp((value - u_domain.x) / (u_domain.y - u_domain.x), 0.0, 1.0);
  return texture(u_lut, vec2((t * 255.0 + 0.5) / 256.0, 0.5)).rgb;
}
`;

/** Level-0 px less u_origin to clip space. */
const PLACE = `
uniform vec2 u_origin;
uniform mat2 u_linear;
uniform vec2 u_offset;
uniform vec2 u_size;

vec4 place(vec2 level0) {
  vec2 screen = u_linear * level0 + u_offset;
  vec2 clip = screen / u_size * 2.0 - 1.0;
  return vec4(clip.x, -clip.y, 0.0, 1.0);
}
`;

/** What both ways to draw a cell share: attributes, radii, and the look of a cell. */
const CELL = `#version 300 es
precision highp float;
precision highp int;
layout(location = 0) in vec2 a_centre;
layout(location = 1) in uvec4 a_radiiLow;
layout(location = 2) in uvec4 a_radiiHigh;
layout(location = 3) in uint a_type;
layout(location = 4) in vec2 a_values;
layout(location = 5) in uint a_bin;
uniform float u_radiusUnit;
uniform float u_pixel;
uniform float u_cut;
uniform int u_first;
uniform uint u_hiddenTypes;
uniform bool u_byRank;
uniform sampler2D u_ranks;
uniform int u_selected;
uniform int u_hovered;
flat out vec3 v_colour;
flat out int v_mark;
${PLACE}
${COLOUR}

/** Set colour and mark; false where the style hides the cell. The same rule as Statistics.shows. */
bool look() {
  float rank = texelFetch(u_ranks, ivec2(int(a_bin), 0), 0).r;
  float value = u_mode == 2 ? a_values.y : u_byRank ? rank : a_values.x;
  int row = u_first + gl_InstanceID;
  v_mark = row == u_selected ? 2 : row == u_hovered ? 1 : 0;
  int type = int(a_type);
  v_colour = colourOf(value, type);
  float held = u_mode == 1 ? rank : u_mode == 2 ? abs(value) : u_cut;
  bool hidden = held < u_cut || (type < 32 && ((u_hiddenTypes >> uint(type)) & 1u) == 1u);
  return !hidden || v_mark != 0;
}

/** Position relative to the view's centre: both are floats of like size there, nothing is lost. */
vec2 centre() { return a_centre - u_origin; }
`;

/** Byte `ray` of 32, as level-0 px; at least a canvas px, so that no cell vanishes. */
const RADIUS = `
float radiusOf(uvec4 low, uvec4 high, int ray) {
  uvec4 words = ray < 16 ? low : high;
  uint word = words[(ray >> 2) & 3];
  return max(float((word >> uint((ray & 3) * 8)) & 255u) * u_radiusUnit, u_pixel);
}
`;

/** Fill, rim and marks by the distance inside of the outline, in canvas px. */
const PAINT = `
flat in vec3 v_colour;
flat in int v_mark;
uniform float u_opacity;
uniform float u_rim;
uniform float u_ring;
out vec4 o_colour;

void paint(float inside) {
  float cover = clamp(inside + 0.5, 0.0, 1.0);
  float width = v_mark == 2 ? u_ring * 2.0 : v_mark == 1 ? u_ring * 1.6 : u_rim;
  float rim = 1.0 - clamp(inside - width + 0.5, 0.0, 1.0);
  vec3 edge = v_mark == 0 ? v_colour * 0.42 : vec3(1.0);
  float edgeAlpha = v_mark == 0 ? min(1.0, u_opacity + 0.3) : 1.0;
  float alpha = mix(u_opacity, edgeAlpha, rim) * cover;
  o_colour = vec4(mix(v_colour, edge, rim) * alpha, alpha);
}
`;

export const CELL_VERTEX = `${CELL}${RADIUS}
out float v_edge;

void main() {
  v_edge = 0.0;
  if (!look()) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  gl_Position = place(centre());
  if (gl_VertexID == 0) return;
  int ray = gl_VertexID - 1;
  float r = radiusOf(a_radiiLow, a_radiiHigh, ray);
  // One pixel beyond the outline leaves room for its antialiasing.
  float far = r + u_pixel;
  v_edge = far / r;
  float angle = 6.28318530718 * float(ray) / 32.0;
  gl_Position = place(centre() + far * vec2(cos(angle), sin(angle)));
}
`;

export const CELL_FRAGMENT = `#version 300 es
precision highp float;
in float v_edge;
${PAINT}

void main() {
  // The true slope: fwidth() would make slanted rims thinner than upright ones.
  float slope = length(vec2(dFdx(v_edge), dFdy(v_edge)));
  paint((1.0 - v_edge) / max(slope, 1e-6));
}
`;

/** A small cell: two triangles around it, and the outline found for each of its few pixels. */
export const SMALL_CELL_VERTEX = `${CELL}
flat out uvec4 v_low;
flat out uvec4 v_high;
out vec2 v_at;

/** Largest of the 16 bytes of four words. */
uint largest(uvec4 words) {
  uvec4 most = max(max(words & 255u, (words >> 8u) & 255u), max((words >> 16u) & 255u, words >> 24u));
  return max(max(most.x, most.y), max(most.z, most.w));
}

void main() {
  v_low = a_radiiLow;
  v_high = a_radiiHigh;
  float reach = float(max(largest(a_radiiLow), largest(a_radiiHigh))) * u_radiusUnit;
  v_at = (reach + u_pixel) * vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - (reach + u_pixel);
  gl_Position = look() ? place(centre() + v_at) : vec4(2.0, 2.0, 2.0, 1.0);
}
`;

export const SMALL_CELL_FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
flat in uvec4 v_low;
flat in uvec4 v_high;
in vec2 v_at;
uniform float u_radiusUnit;
uniform float u_pixel;
uniform vec2 u_directions[33];
${RADIUS}
${PAINT}

void main() {
  int ray = int(floor(mod(atan(v_at.y, v_at.x) * 5.09295817894, 32.0))) & 31;
  vec2 from = radiusOf(v_low, v_high, ray) * u_directions[ray];
  vec2 along = radiusOf(v_low, v_high, (ray + 1) & 31) * u_directions[ray + 1] - from;
  vec2 at = v_at - from;
  paint((along.x * at.y - along.y * at.x) / (length(along) * u_pixel));
}
`;

export const GRID_VERTEX = `#version 300 es
precision highp float;
uniform vec2 u_corner;
uniform vec2 u_extent;
out vec2 v_at;
${PLACE}

void main() {
  v_at = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
  gl_Position = place(u_corner - u_origin + v_at * u_extent);
}
`;

export const GRID_FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
in vec2 v_at;
uniform sampler2D u_sums;
uniform float u_opacity;
uniform float u_empty;
uniform float u_cut;
uniform bool u_smooth;
out vec4 o_colour;
${COLOUR}

/** Sum of a square, and 1; or 0, 0 where it holds no cell. */
vec2 square(vec2 at) {
  ivec2 most = textureSize(u_sums, 0) - 1;
  float value = texelFetch(u_sums, clamp(ivec2(at), ivec2(0), most), 0).r;
  // A number stands for squares without cells: GPUs may not keep NaN.
  return value <= u_empty ? vec2(0.0) : vec2(value, 1.0);
}

void main() {
  vec2 at = v_at * vec2(textureSize(u_sums, 0));
  vec2 sum = square(floor(at));
  if (u_smooth) {
    vec2 low = floor(at - 0.5);
    vec2 part = at - 0.5 - low;
    vec2 upper = mix(square(low), square(low + vec2(1.0, 0.0)), part.x);
    vec2 lower = mix(square(low + vec2(0.0, 1.0)), square(low + 1.0), part.x);
    sum = mix(upper, lower, part.y);
    // Squares without cells take no part in the mean; they only fade the edge.
    sum.x = sum.y > 0.0 ? sum.x / sum.y : 0.0;
  }
  if (sum.y <= 0.0 || (u_mode != 0 && abs(sum.x) < u_cut)) discard;
  o_colour = vec4(colourOf(sum.x, int(sum.x + 0.5)), 1.0) * (u_opacity * sum.y);
}
`;
