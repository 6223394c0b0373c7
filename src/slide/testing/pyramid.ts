/** Small Deep Zoom pyramids, and archives of them, for tests. Not part of the application. */
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';

/** Grey value of the test picture at level-0 pixel x, y: smooth enough to be shrunk. */
export function grey(x: number, y: number): number {
  return 40 + ((x * 2 + y) % 180);
}

/** Writes slide.dzi and slide_files by libvips, PNG tiles of 64 px; gives the folder. */
export async function writePyramid(width = 300, height = 200, overlap = 1): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cytolens-'));
  const raw = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      raw.fill(grey(x, y), (y * width + x) * 3, (y * width + x) * 3 + 3);
  }
  await sharp(raw, { raw: { width, height, channels: 3 } })
    .png()
    .tile({ size: 64, overlap, layout: 'dz' })
    .toFile(path.join(folder, 'slide.dz'));
  return folder;
}

export interface PackedFile {
  name: string;
  bytes: Uint8Array;
}

/** Every file below a folder. */
export async function readFolder(folder: string): Promise<PackedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async (entry) => {
      const file = path.join(entry.parentPath, entry.name);
      const name = path.relative(folder, file).split(path.sep).join('/');
      return { name, bytes: new Uint8Array(await readFile(file)) };
    }),
  );
}

export interface PackOptions {
  /** Compression method written into every record. */
  method?: number;
  /** General purpose flags of every record. */
  flags?: number;
  /** Write sizes and offsets as ZIP64 does, however small they are. */
  zip64?: boolean;
  /** Bytes of extra field in local headers alone, which directory readers do not expect. */
  localExtra?: number;
  comment?: string;
}

/** A stored ZIP (PKWARE APPNOTE), with whatever a test wants to be odd about it. */
export function pack(files: PackedFile[], options: PackOptions = {}): Uint8Array<ArrayBuffer> {
  const { method = 0, flags = 0, zip64 = false, localExtra = 0, comment = '' } = options;
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const encoded = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(bytes.length, 18);
    local.writeUInt32LE(bytes.length, 22);
    local.writeUInt16LE(encoded.length, 26);
    local.writeUInt16LE(localExtra, 28);
    const extra = Buffer.alloc(zip64 ? 28 : 0);
    if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      [bytes.length, bytes.length, offset].forEach((value, i) => {
        extra.writeBigUInt64LE(BigInt(value), 4 + i * 8);
      });
    }
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(flags, 8);
    record.writeUInt16LE(method, 10);
    record.writeUInt32LE(zip64 ? 0xffffffff : bytes.length, 20);
    record.writeUInt32LE(zip64 ? 0xffffffff : bytes.length, 24);
    record.writeUInt16LE(encoded.length, 28);
    record.writeUInt16LE(extra.length, 30);
    record.writeUInt32LE(zip64 ? 0xffffffff : offset, 42);
    directory.push(record, encoded, extra);
    const all = [local, encoded, Buffer.alloc(localExtra), Buffer.from(bytes)];
    parts.push(...all);
    offset += all.reduce((sum, part) => sum + part.length, 0);
  }
  const central = Buffer.concat(directory);
  parts.push(central);
  if (zip64) parts.push(end64(files.length, central.length, offset));
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? 0xffff : files.length, 8);
  end.writeUInt16LE(zip64 ? 0xffff : files.length, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : central.length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return new Uint8Array(Buffer.concat([...parts, end, Buffer.from(comment)]));
}

function end64(count: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  [count, count, size, offset].forEach((value, i) => {
    record.writeBigUInt64LE(BigInt(value), 24 + i * 8);
  });
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(offset + size), 64);
  record.writeUInt32LE(1, 72);
  return record;
}

/** A server of this one listener; `close` ends it with its connections. */
export async function serveWith(
  listener: RequestListener,
): Promise<{ url: string; close(): void }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Serves files by their names, without ranges; other names get 404. */
export function serveFiles(files: PackedFile[]): ReturnType<typeof serveWith> {
  const byName = new Map(files.map(({ name, bytes }) => [`/${name}`, bytes]));
  return serveWith((request, response) => {
    const bytes = byName.get((request.url ?? '').replace(/\?.*/, ''));
    if (bytes) response.end(bytes);
    else response.writeHead(404).end();
  });
}
