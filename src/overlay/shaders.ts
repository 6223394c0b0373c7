/**
 * Shaders. A cell is one instance: vertex 0 is its centre, vertex k + 1 the end of ray k, and the
 * triangles between share them (see `fans`). `v_edge` is 0 at
 * the centre and 1 on the outline; its screen-space slope turns it into a distance in pixels, so
 * that fill, dark rim and antialiasing are one pass.
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

export const CELL_VERTEX = `#version 300 es
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
uniform int u_rays;
uniform float u_cut;
uniform int u_first;
uniform uint u_hiddenTypes;
uniform bool u_byRank;
uniform sampler2D u_ranks;
uniform int u_selected;
uniform int u_hovered;
out float v_edge;
flat out vec3 v_colour;
flat out int v_mark;
${PLACE}
${COLOUR}

float radius(int ray) {
  int word = ray >> 2;
  uint bytes = word < 4 ? a_radiiLow[word] : a_radiiHigh[word - 4];
  return float((bytes >> uint((ray & 3) * 8)) & 255u) * u_radiusUnit;
}

void main() {
  float rank = texelFetch(u_ranks, ivec2(int(a_bin), 0), 0).r;
  float value = u_mode == 2 ? a_values.y : u_byRank ? rank : a_values.x;
  int row = u_first + gl_InstanceID;
  v_mark = row == u_selected ? 2 : row == u_hovered ? 1 : 0;
  int type = int(a_type);
  v_colour = colourOf(value, type);
  // The same rule as Statistics.shows.
  float held = u_mode == 1 ? rank : u_mode == 2 ? abs(value) : u_cut;
  bool hidden = held < u_cut || (type < 32 && ((u_hiddenTypes >> uint(type)) & 1u) == 1u);
  if (hidden && v_mark == 0) {
    v_edge = 0.0;
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  // Both are floats of the same size near the view, so nothing is lost in the difference.
  vec2 centre = a_centre - u_origin;
  if (gl_VertexID == 0) {
    v_edge = 0.0;
    gl_Position = place(centre);
    return;
  }
  int ray = (gl_VertexID - 1) * (32 / u_rays);
  float r = max(radius(ray), u_pixel);
  // One pixel beyond the outline leaves room for its antialiasing.
  float far = r + u_pixel;
  v_edge = far / r;
  float angle = 6.28318530718 * float(ray) / 32.0;
  gl_Position = place(centre + far * vec2(cos(angle), sin(angle)));
}
`;

export const CELL_FRAGMENT = `#version 300 es
precision highp float;
in float v_edge;
flat in vec3 v_colour;
flat in int v_mark;
uniform float u_opacity;
uniform float u_rim;
out vec4 o_colour;

void main() {
  // The true slope: fwidth() would make slanted rims thinner than upright ones.
  float slope = length(vec2(dFdx(v_edge), dFdy(v_edge)));
  float inside = (1.0 - v_edge) / max(slope, 1e-6);
  float cover = clamp(inside + 0.5, 0.0, 1.0);
  float width = v_mark == 2 ? u_rim * 2.0 : v_mark == 1 ? u_rim * 1.6 : u_rim;
  float rim = 1.0 - clamp(inside - width + 0.5, 0.0, 1.0);
  vec3 edge = v_mark == 0 ? v_colour * 0.42 : vec3(1.0);
  float fill = u_opacity;
  float edgeAlpha = v_mark == 0 ? min(1.0, u_opacity + 0.3) : 1.0;
  float alpha = mix(fill, edgeAlpha, rim) * cover;
  o_colour = vec4(mix(v_colour, edge, rim) * alpha, alpha);
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
