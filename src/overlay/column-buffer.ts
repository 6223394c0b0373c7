/** A column of the cell table on the graphics card, as vertex attributes: a fixed number of bytes a cell. */

type Column = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

const LEAST_CELLS = 1024;

/** Grown by doubling; what was in it is copied on the card. */
export class ColumnBuffer {
  buffer: WebGLBuffer;
  private capacity = 0;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    readonly bytesPerCell: number,
  ) {
    this.buffer = gl.createBuffer();
  }

  /** Room for `cells`, of which the first `kept` stay; true when `buffer` is another one now. */
  reserve(cells: number, kept: number): boolean {
    if (cells <= this.capacity) return false;
    const { gl, bytesPerCell } = this;
    // The first table is most often the whole one: twice its room would be wasted.
    this.capacity = Math.max(cells, this.capacity === 0 ? LEAST_CELLS : 2 * this.capacity);
    const grown = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, grown);
    gl.bufferData(gl.ARRAY_BUFFER, this.capacity * bytesPerCell, gl.DYNAMIC_DRAW);
    if (kept > 0) {
      gl.bindBuffer(gl.COPY_READ_BUFFER, this.buffer);
      gl.copyBufferSubData(gl.COPY_READ_BUFFER, gl.ARRAY_BUFFER, 0, 0, kept * bytesPerCell);
    }
    gl.deleteBuffer(this.buffer);
    this.buffer = grown;
    return true;
  }

  /** Write cells from row `from` on; `data` holds exactly theirs. */
  write(from: number, data: Column): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferSubData(gl.ARRAY_BUFFER, from * this.bytesPerCell, data);
  }

  destroy(): void {
    this.gl.deleteBuffer(this.buffer);
  }
}
