/** What the shaders of cells and grid share. */

/** Colour by value: u_mode 0 type, otherwise u_domain spans the colour map. */
export const COLOUR = `
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

/** Level-0 px less u_origin to canvas px, y downwards. */
export const PLACE = `
uniform vec2 u_origin;
uniform mat2 u_linear;
uniform vec2 u_offset;
uniform vec2 u_size;

vec2 place(vec2 level0) { return u_linear * level0 + u_offset; }
`;
