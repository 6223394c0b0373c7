/** The little of WebGL2 that both layers need. */
import { type ColorMapName, lut } from '../core/colormap.ts';
import { CytolensError } from '../core/errors.ts';

export function link(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) throw lost();
    gl.shaderSource(shader, source.trim());
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
      throw new CytolensError(
        'unsupported',
        'The graphics driver of this machine cannot draw the overlay. Update the driver or try another browser.',
        gl.getShaderInfoLog(shader) ?? 'shader',
      );
    }
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new CytolensError(
      'unsupported',
      'The graphics driver of this machine cannot draw the overlay. Update the driver or try another browser.',
      gl.getProgramInfoLog(program) ?? 'link',
    );
  }
  return program;
}

function lost(): CytolensError {
  return new CytolensError('internal', 'The graphics card was reset.', 'context lost');
}

/** Uniform locations by name, looked up once. */
export class Uniforms {
  private readonly known = new Map<string, WebGLUniformLocation | null>();

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly program: WebGLProgram,
  ) {}

  at(name: string): WebGLUniformLocation | null {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const location = this.gl.getUniformLocation(this.program, name);
    this.known.set(name, location);
    return location;
  }
}

/** Colour maps as textures of 256 x 1, made when first used. */
export class ColourMaps {
  private readonly known = new Map<ColorMapName, WebGLTexture>();

  constructor(private readonly gl: WebGL2RenderingContext) {}

  at(name: ColorMapName): WebGLTexture {
    const known = this.known.get(name);
    if (known) return known;
    const texture = lutTexture(this.gl, lut(name));
    this.known.set(name, texture);
    return texture;
  }

  destroy(): void {
    for (const texture of this.known.values()) this.gl.deleteTexture(texture);
    this.known.clear();
  }
}

function lutTexture(gl: WebGL2RenderingContext, lut: Uint8Array): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB8, lut.length / 3, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, lut);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
    gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
  }
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  return texture;
}
