/** The little of WebGL2 that all who draw with it need. */
import { CytolensError } from './errors.ts';

/** A program of two shaders. Throws `unsupported` where the driver refuses them. */
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
        'The graphics driver of this machine cannot draw this view. Update the driver or try another browser.',
        gl.getShaderInfoLog(shader) ?? 'shader',
      );
    }
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new CytolensError(
      'unsupported',
      'The graphics driver of this machine cannot draw this view. Update the driver or try another browser.',
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
