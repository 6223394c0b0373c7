/**
 * Shaders. A cell is two triangles around its outline, six vertices that fetch their row from
 * textures by number: instances of so few vertices leave a graphics card, and even more a processor
 * that stands in for one, mostly idle. Each pixel finds its own distance to the outline, so that
 * fill, dark rim and antialiasing are one pass and exact at every size.
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

/** Byte `ray` of 32, as level-0 px; at least a canvas px, so that no cell vanishes. */
const RADIUS = `
float radiusOf(uvec4 low, uvec4 high, int ray) {
  uvec4 words = ray < 16 ? low : high;
  uint word = words[(ray >> 2) & 3];
  return max(float((word >> uint((ray & 3) * 8)) & 255u) * u_radiusUnit, u_pixel);
}
`;

export const CELL_VERTEX = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
/** Centre (level-0 px), attention density, contribution. */
uniform sampler2D u_places;
/** Two texels a cell: 32 radii of a byte each. */
uniform usampler2D u_radii;
/** Type, and bin of the attention density. */
uniform usampler2D u_kinds;
uniform sampler2D u_ranks;
uniform float u_radiusUnit;
uniform float u_pixel;
uniform float u_cut;
uniform uint u_hiddenTypes;
uniform bool u_byRank;
uniform int u_selected;
uniform int u_hovered;
flat out vec3 v_colour;
flat out int v_mark;
flat out uvec4 v_low;
flat out uvec4 v_high;
out vec2 v_at;
${PLACE}
${COLOUR}

ivec2 texelOf(int index, int width) { return ivec2(index % width, index / width); }

/** Largest of the 16 bytes of four words. */
uint largest(uvec4 words) {
  uvec4 most = max(max(words & 255u, (words >> 8u) & 255u), max((words >> 16u) & 255u, words >> 24u));
  return max(max(most.x, most.y), max(most.z, most.w));
}

void main() {
  int row = gl_VertexID / 6;
  int width = textureSize(u_places, 0).x;
  vec4 cell = texelFetch(u_places, texelOf(row, width), 0);
  uvec2 kind = texelFetch(u_kinds, texelOf(row, width), 0).rg;
  float rank = texelFetch(u_ranks, ivec2(int(kind.y), 0), 0).r;
  int type = int(kind.x);
  v_mark = row == u_selected ? 2 : row == u_hovered ? 1 : 0;
  // Hidden or not: the same rule as Statistics.shows.
  float held = u_mode == 1 ? rank : u_mode == 2 ? abs(cell.w) : u_cut;
  bool hidden = held < u_cut || (type < 32 && ((u_hiddenTypes >> uint(type)) & 1u) == 1u);
  if (hidden && v_mark == 0) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  v_colour = colourOf(u_mode == 2 ? cell.w : u_byRank ? rank : cell.z, type);
  v_low = texelFetch(u_radii, texelOf(2 * row, 2 * width), 0);
  v_high = texelFetch(u_radii, texelOf(2 * row + 1, 2 * width), 0);
  // One pixel beyond the outline leaves room for its antialiasing.
  float reach = float(max(largest(v_low), largest(v_high))) * u_radiusUnit + u_pixel;
  int corner = gl_VertexID % 6;
  corner = corner < 3 ? corner : corner == 3 ? 2 : corner == 4 ? 1 : 3;
  v_at = reach * (vec2(corner & 1, corner >> 1) * 2.0 - 1.0);
  // Relative to the view's centre: both are floats of like size there, so nothing is lost.
  gl_Position = place(cell.xy - u_origin + v_at);
}
`;

export const CELL_FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
flat in uvec4 v_low;
flat in uvec4 v_high;
flat in vec3 v_colour;
flat in int v_mark;
in vec2 v_at;
uniform float u_radiusUnit;
uniform float u_pixel;
uniform vec2 u_directions[33];
uniform float u_opacity;
uniform float u_rim;
uniform float u_ring;
out vec4 o_colour;
${RADIUS}

/** Fill, rim and marks by the distance inside of the outline, in canvas px. */
void paint(float inside) {
  float cover = clamp(inside + 0.5, 0.0, 1.0);
  float width = v_mark == 2 ? u_ring * 2.0 : v_mark == 1 ? u_ring * 1.6 : u_rim;
  float rim = 1.0 - clamp(inside - width + 0.5, 0.0, 1.0);
  vec3 edge = v_mark == 0 ? v_colour * 0.42 : vec3(1.0);
  float edgeAlpha = v_mark == 0 ? min(1.0, u_opacity + 0.3) : 1.0;
  float alpha = mix(u_opacity, edgeAlpha, rim) * cover;
  o_colour = vec4(mix(v_colour, edge, rim) * alpha, alpha);
}

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
