/** Where an export goes: straight into a file on disk, or into a blob that the browser keeps. */

/** Parts are joined until they are this large: a blob of a million little parts is slow. */
const JOIN = 8 * 1024 * 1024;

export interface Sink {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The whole file, where it is not on disk. */
  finish(): Promise<Blob | null>;
  /** Leave nothing behind. */
  discard(): Promise<void>;
}

/** Collects parts as blobs, which the browser may move to disk; memory stays small. */
export class BlobSink implements Sink {
  private readonly blobs: Blob[] = [];
  private parts: Uint8Array<ArrayBuffer>[] = [];
  private size = 0;

  constructor(private readonly type: string) {}

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.parts.push(bytes);
    this.size += bytes.length;
    if (this.size >= JOIN) this.join();
  }

  async finish(): Promise<Blob> {
    this.join();
    return new Blob(this.blobs, { type: this.type });
  }

  async discard(): Promise<void> {
    this.blobs.length = 0;
    this.parts = [];
  }

  private join(): void {
    this.blobs.push(new Blob(this.parts));
    this.parts = [];
    this.size = 0;
  }
}

/** Writes into the file that the user chose; nothing of it changes before `finish`. */
export class FileSink implements Sink {
  private constructor(private readonly stream: FileSystemWritableFileStream) {}

  static async open(handle: FileSystemFileHandle): Promise<FileSink> {
    return new FileSink(await handle.createWritable());
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.stream.write(bytes);
  }

  async finish(): Promise<null> {
    await this.stream.close();
    return null;
  }

  async discard(): Promise<void> {
    await this.stream.abort();
  }
}
