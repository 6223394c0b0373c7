/** Draws a finished picture of the slide through a look, on the GPU. */
import { link, Uniforms } from '../../core/gl.ts';
import { fragment, VERTEX } from './develop-shaders.ts';
import { type ColourTable, type Development, LUT_SIDE } from './look.ts';

interface Built {
  program: WebGLProgram;
  uniforms: Uniforms;
  picture: WebGLTexture;
  colours: WebGLTexture;
}

export class Developer {
  private readonly gl: WebGL2RenderingContext | null;
  private built: Built | null = null;
  private loaded: ColourTable | null = null;

  /** Without WebGL2 nothing is drawn (`works` tells). `onRestored`: a lost context came back. */
  constructor(
    private readonly canvas: HTMLCanvasElement | OffscreenCanvas,
    private readonly onRestored: () => void = () => undefined,
  ) {
    this.gl = canvas.getContext('webgl2', {
      premultipliedAlpha: true,
      antialias: false,
      depth: false,
    }) as WebGL2RenderingContext | null;
    canvas.addEventListener('webglcontextlost', this.onLost);
    canvas.addEventListener('webglcontextrestored', this.onBack);
  }

  /** Can it draw now? Not while the context is lost. */
  get works(): boolean {
    return this.gl !== null && !this.gl.isContextLost();
  }

  /**
   * Draw `picture` onto the canvas, which takes its size times `sharpness` (at most 1). Throws
   * `unsupported` as `link` does.
   */
  draw(picture: HTMLCanvasElement | OffscreenCanvas, how: Development, sharpness = 1): void {
    const { gl, canvas } = this;
    if (!gl || !this.works) return;
    this.built ??= build(gl);
    const { program, uniforms } = this.built;
    const width = Math.round(picture.width * sharpness);
    const height = Math.round(picture.height * sharpness);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's, not React's
    gl.useProgram(program);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.built.picture);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, picture);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_3D, this.built.colours);
    if (how.table && how.table !== this.loaded) this.load(gl, how.table);
    gl.uniform1i(uniforms.at('picture'), 0);
    gl.uniform1i(uniforms.at('colours'), 1);
    gl.uniform1i(uniforms.at('profiled'), how.table ? 1 : 0);
    gl.uniform1i(uniforms.at('oneStain'), how.part ? 1 : 0);
    gl.uniform3fv(uniforms.at('amountRow'), how.part?.row ?? [0, 0, 0]);
    gl.uniform3fv(uniforms.at('tint'), how.part?.tint ?? [0, 0, 0]);
    gl.uniform1f(uniforms.at('brightness'), how.brightness);
    gl.uniform1f(uniforms.at('contrast'), how.contrast);
    gl.uniform1f(uniforms.at('gamma'), how.gamma);
    gl.viewport(0, 0, width, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  destroy(): void {
    this.canvas.removeEventListener('webglcontextlost', this.onLost);
    this.canvas.removeEventListener('webglcontextrestored', this.onBack);
    // Browsers keep few contexts, and let go of unused ones late.
    this.gl?.getExtension('WEBGL_lose_context')?.loseContext();
  }

  private load(gl: WebGL2RenderingContext, table: ColourTable): void {
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    const side = LUT_SIDE;
    gl.texImage3D(gl.TEXTURE_3D, 0, gl.RGB8, side, side, side, 0, gl.RGB, gl.UNSIGNED_BYTE, table);
    this.loaded = table;
  }

  private readonly onLost = (event: Event): void => {
    // Without this the browser never gives the context back.
    event.preventDefault();
    this.built = null;
    this.loaded = null;
  };

  private readonly onBack = (): void => this.onRestored();
}

function build(gl: WebGL2RenderingContext): Built {
  const program = link(gl, VERTEX, fragment(LUT_SIDE));
  const picture = gl.createTexture();
  const colours = gl.createTexture();
  for (const [target, texture] of [
    [gl.TEXTURE_2D, picture],
    [gl.TEXTURE_3D, colours],
  ] as const) {
    gl.bindTexture(target, texture);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R]) {
      gl.texParameteri(target, side, gl.CLAMP_TO_EDGE);
    }
    gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  }
  // Sampled by the shader even where it is not used; an empty one draws a warning.
  gl.texImage3D(gl.TEXTURE_3D, 0, gl.RGB8, 1, 1, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, new Uint8Array(3));
  return { program, uniforms: new Uniforms(gl, program), picture, colours };
}
