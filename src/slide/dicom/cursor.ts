/** Little-endian numbers of a file, one after another, read in windows and skipped without reading. */
import { type ByteSource, truncated } from '../bytes.ts';

const WINDOW = 64 * 1024;

export class Cursor {
  private view: DataView<ArrayBuffer> = new DataView(new ArrayBuffer(0));
  private start = 0;
  /** Bytes read so far. */
  loaded = 0;

  constructor(
    readonly source: ByteSource,
    /** Offset of the next byte. */
    public offset: number,
    private readonly signal?: AbortSignal,
  ) {}

  /** Are the next bytes at hand? Asked first, so that most steps need not wait for a promise. */
  has(length: number): boolean {
    return this.offset >= this.start && this.offset + length <= this.start + this.view.byteLength;
  }

  /** Get the next bytes to hand. Throws `truncated` when the file has fewer. */
  async load(length: number): Promise<void> {
    const left = this.source.size - this.offset;
    if (length > left) throw truncated(`${length} bytes at ${this.offset} of ${this.source.size}`);
    const bytes = await this.source.read(
      this.offset,
      Math.min(Math.max(length, WINDOW), left),
      this.signal,
    );
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.start = this.offset;
    this.loaded += bytes.byteLength;
  }

  u16(): number {
    const value = this.view.getUint16(this.offset - this.start, true);
    this.offset += 2;
    return value;
  }

  u32(): number {
    const value = this.view.getUint32(this.offset - this.start, true);
    this.offset += 4;
    return value;
  }

  /** Group and element as one number. */
  tag(): number {
    return this.u16() * 0x10000 + this.u16();
  }

  /** The next bytes as a view that holds until the next `load`. */
  bytes(length: number): DataView<ArrayBuffer> {
    const at = this.view.byteOffset + this.offset - this.start;
    this.offset += length;
    return new DataView(this.view.buffer, at, length);
  }
}
