/** A column of the cell table as a texture: a fixed number of texels a row, TEXELS rows a line. */

/** Cells a line of a texture; any WebGL2 card takes textures of twice this width. */
export const LINE = 1024;

export interface TexelFormat {
  internal: number;
  format: number;
  type: number;
  /** Texels a cell, and array elements a cell. */
  texels: number;
  elements: number;
}

type TexelArray = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** Grown by doubling; what was in it is written anew by its owner then. */
export class DataTexture {
  readonly texture: WebGLTexture;
  private lines = 0;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly format: TexelFormat,
  ) {
    this.texture = gl.createTexture();
  }

  /** Room for `cells`; true when the texture was made anew and is empty. */
  reserve(cells: number): boolean {
    const needed = Math.ceil(cells / LINE);
    if (needed <= this.lines) return false;
    const { gl } = this;
    const { internal, format, type, texels } = this.format;
    this.lines = Math.max(needed, 2 * this.lines);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    const width = LINE * texels;
    gl.texImage2D(gl.TEXTURE_2D, 0, internal, width, this.lines, 0, format, type, null);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    return true;
  }

  /** Write cells [from, to); `data` holds exactly theirs. Line by line: at most three pieces. */
  write(from: number, to: number, data: TexelArray): void {
    const { gl } = this;
    const { format, type, texels, elements } = this.format;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    let at = from;
    while (at < to) {
      const line = Math.floor(at / LINE);
      const col = at % LINE;
      const whole = col === 0 ? Math.floor((to - at) / LINE) : 0;
      const count = whole > 0 ? whole * LINE : Math.min(LINE - col, to - at);
      const width = whole > 0 ? LINE : count;
      const part = data.subarray((at - from) * elements, (at - from + count) * elements);
      gl.texSubImage2D(
        gl.TEXTURE_2D,
        0,
        col * texels,
        line,
        width * texels,
        Math.max(1, whole),
        format,
        type,
        part,
      );
      at += count;
    }
  }
}
