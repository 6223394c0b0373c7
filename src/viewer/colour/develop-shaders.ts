/** One pass over the finished picture: profile or one stain alone, then brightness and the like. */

export const VERTEX = `#version 300 es
out vec2 place;
void main() {
  // A triangle that holds the whole screen.
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  place = vec2(corner.x + 1.0, 1.0 - corner.y) / 2.0;
  gl_Position = vec4(corner, 0.0, 1.0);
}
`;

/** \`side\`: places along each axis of the table. */
export const fragment = (side: number): string => `#version 300 es
precision highp float;
precision highp sampler3D;
uniform sampler2D picture;
uniform sampler3D colours;
uniform bool profiled;
uniform bool oneStain;
uniform vec3 amountRow;
uniform vec3 tint;
uniform float brightness;
uniform float contrast;
uniform float gamma;
in vec2 place;
out vec4 seen;

void main() {
  vec4 drawn = texture(picture, place);
  if (drawn.a == 0.0) {
    seen = vec4(0.0);
    return;
  }
  vec3 rgb = drawn.rgb / drawn.a;
  if (oneStain) {
    vec3 density = -log(max(rgb, 1.0 / 255.0));
    // A residual may fall short as well as exceed; of a stain there is none below nothing.
    float amount = dot(amountRow, density);
    rgb = exp(-max(tint == vec3(1.0) ? abs(amount) : amount, 0.0) * tint);
  } else if (profiled) {
    rgb = texture(colours, (rgb * ${(side - 1).toFixed(1)} + 0.5) / ${side.toFixed(1)}).rgb;
  }
  rgb = clamp((rgb - 0.5) * contrast + 0.5 + brightness, 0.0, 1.0);
  rgb = pow(rgb, vec3(1.0 / gamma));
  seen = vec4(rgb * drawn.a, drawn.a);
}
`;
