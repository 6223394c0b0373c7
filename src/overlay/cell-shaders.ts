/**
 * Shaders of cells. A cell is one vertex, drawn as a point as large as its outline needs: six or four
 * vertices a cell cost a graphics card, and even more a processor that stands in for one, that many
 * times the work. Each pixel finds its own distance to the outline, so that fill, dark rim and
 * antialiasing are one pass and exact at every size.
 *
 * Three programs from one source: POINTS; QUADS, where an outline is larger than the largest point
 * of this card; DISCS, where cells are so small that a disc of the same area looks the same.
 */
import { COLOUR, PLACE } from './shaders.ts';

export type CellShape = 'POINTS' | 'QUADS' | 'DISCS';

/** Attribute locations. */
export const AT = { cell: 0, kind: 1, low: 2, high: 3 } as const;

export function cellShaders(shape: CellShape): { vertex: string; fragment: string } {
  const head = `#version 300 es\n#define ${shape}\n`;
  return { vertex: head + VERTEX, fragment: head + FRAGMENT };
}

const VERTEX = `
precision highp float;
precision highp int;
/** Centre (level-0 px), attention density, contribution: of the cell's field. */
layout(location = ${AT.cell}) in vec4 a_cell;
/** Type (8 bits), confidence (8), bin of the attention density (12), inside (1, the top bit); field (20), area (12). */
layout(location = ${AT.kind}) in uvec2 a_kind;
#ifndef DISCS
/** 32 radii of a byte each. */
layout(location = ${AT.low}) in uvec4 a_low;
layout(location = ${AT.high}) in uvec4 a_high;
flat out uvec4 v_low;
flat out uvec4 v_high;
#else
flat out float v_radius;
#endif
/** Level-0 px of what sizes are held in: radius bytes, or, of discs, um. */
uniform float u_radiusUnit;
/** Level-0 px of a canvas px. */
uniform float u_pixel;
/** Canvas px around the canvas in which a centre still counts: points are clipped by centre. */
uniform float u_margin;
/** Row of the first instance. */
uniform int u_first;
uniform float u_cut;
uniform bool u_byRank;
uniform bool u_slideLevel;
uniform uint u_shownTypes;
uniform bool u_insideOnly;
uniform uvec2 u_areas;
uniform uvec2 u_confidences;
uniform vec2 u_contributions;
uniform vec2 u_rankRange;
uniform sampler2D u_ranks;
/** Weight of a field, and its shift in bins. */
uniform sampler2D u_weights;
uniform int u_selected;
uniform int u_hovered;
flat out vec3 v_colour;
flat out int v_mark;
/** Canvas px, y upwards. */
flat out vec2 v_centre;
${PLACE}
${COLOUR}

bool within(float value, vec2 range) { return value >= range.x && value <= range.y; }
bool within(uint value, uvec2 range) { return value >= range.x && value <= range.y; }

#ifndef DISCS
/** Largest of the 16 bytes of four words. */
uint largest(uvec4 words) {
  uvec4 most = max(max(words & 255u, (words >> 8u) & 255u), max((words >> 16u) & 255u, words >> 24u));
  return max(max(most.x, most.y), max(most.z, most.w));
}
#endif

/** Whether a cell is drawn: the same rule as Statistics.showing. */
bool shown(int type, float contribution, float rank) {
  float held = u_mode == 1 ? rank : u_mode == 2 ? abs(contribution) : u_cut;
  return held >= u_cut
    && (!u_insideOnly || (a_kind.x >> 31u) == 1u)
    && (type > 31 || ((u_shownTypes >> uint(type)) & 1u) == 1u)
    && within(a_kind.y >> 20u, u_areas)
    && within((a_kind.x >> 8u) & 255u, u_confidences)
    && within(contribution, u_contributions)
    && within(rank, u_rankRange);
}

void main() {
#ifdef QUADS
  int row = u_first + gl_InstanceID;
#else
  int row = gl_VertexID;
#endif
  int type = int(a_kind.x & 255u);
  int bin = int((a_kind.x >> 16u) & 4095u);
  float density = a_cell.z;
  float contribution = a_cell.w;
  if (u_slideLevel) {
    ivec2 size = textureSize(u_weights, 0);
    // The last texel is of no field.
    int field = min(int(a_kind.y & 0xfffffu), size.x * size.y - 1);
    vec2 weight = texelFetch(u_weights, ivec2(field % size.x, field / size.x), 0).rg;
    density *= weight.x;
    contribution *= weight.x;
    bin = bin == 0 ? 0 : clamp(bin + int(weight.y), 0, textureSize(u_ranks, 0).x - 1);
  }
  float rank = texelFetch(u_ranks, ivec2(bin, 0), 0).r;
  v_mark = row == u_selected ? 2 : row == u_hovered ? 1 : 0;
  if (v_mark == 0 && !shown(type, contribution, rank)) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  v_colour = colourOf(u_mode == 2 ? contribution : u_byRank ? rank : density, type);
#ifdef DISCS
  // pi r^2 = area, which is held in steps of a quarter um2.
  v_radius = max(1.0, sqrt(float(a_kind.y >> 20u) / 12.56637) * u_radiusUnit / u_pixel);
  float reach = v_radius + 0.5;
#else
  v_low = a_low;
  v_high = a_high;
  // One pixel beyond the outline leaves room for its antialiasing.
  float reach = float(max(largest(a_low), largest(a_high))) * u_radiusUnit / u_pixel + 1.0;
#endif
  // Relative to the view's centre: both are floats of like size there, so nothing is lost.
  vec2 at = place(a_cell.xy - u_origin);
  v_centre = vec2(at.x, u_size.y - at.y);
#ifdef QUADS
  at += reach * (vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0);
#else
  gl_PointSize = ceil(2.0 * reach);
#endif
  vec2 clip = (at + u_margin) / (u_size + 2.0 * u_margin) * 2.0 - 1.0;
  gl_Position = vec4(clip.x, -clip.y, 0.0, 1.0);
}
`;

const FRAGMENT = `
precision highp float;
precision highp int;
#ifndef DISCS
flat in uvec4 v_low;
flat in uvec4 v_high;
#else
flat in float v_radius;
#endif
flat in vec3 v_colour;
flat in int v_mark;
flat in vec2 v_centre;
uniform float u_radiusUnit;
uniform float u_pixel;
/** Canvas px, y downwards, to level-0 px. */
uniform mat2 u_inverse;
uniform vec2 u_directions[33];
uniform float u_opacity;
uniform float u_rim;
uniform float u_ring;
out vec4 o_colour;

#ifdef DISCS
float insideOf(vec2 at) { return v_radius - length(at); }
#else
/** Byte \`ray\` of 32, as level-0 px; at least a canvas px, so that no cell vanishes. */
float radiusOf(int ray) {
  uvec4 words = ray < 16 ? v_low : v_high;
  uint word = words[(ray >> 2) & 3];
  return max(float((word >> uint((ray & 3) * 8)) & 255u) * u_radiusUnit, u_pixel);
}

/** Distance inside of the outline, canvas px: from the edge between the two rays around a place. */
float insideOf(vec2 at) {
  vec2 place = u_inverse * at;
  int ray = int(floor(mod(atan(place.y, place.x) * 5.09295817894, 32.0))) & 31;
  vec2 from = radiusOf(ray) * u_directions[ray];
  vec2 along = radiusOf((ray + 1) & 31) * u_directions[ray + 1] - from;
  vec2 off = place - from;
  return (along.x * off.y - along.y * off.x) / (length(along) * u_pixel);
}
#endif

/** Fill, rim and marks by the distance inside of the outline, in canvas px. */
void main() {
  vec2 off = gl_FragCoord.xy - v_centre;
  float inside = insideOf(vec2(off.x, -off.y));
  float cover = clamp(inside + 0.5, 0.0, 1.0);
  float width = v_mark == 2 ? u_ring * 2.0 : v_mark == 1 ? u_ring * 1.6 : u_rim;
  float rim = 1.0 - clamp(inside - width + 0.5, 0.0, 1.0);
  vec3 edge = v_mark == 0 ? v_colour * 0.42 : vec3(1.0);
  float edgeAlpha = v_mark == 0 ? min(1.0, u_opacity + 0.3) : 1.0;
  float alpha = mix(u_opacity, edgeAlpha, rim) * cover;
  o_colour = vec4(mix(v_colour, edge, rim) * alpha, alpha);
}
`;
