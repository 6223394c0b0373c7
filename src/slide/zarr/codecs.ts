/**
 * zarrita's codecs with a limit: a chunk that unpacks to more than its array declares (a "zip
 * bomb") is refused before or while it is unpacked, never held.
 */
import type { registry } from 'zarrita';
import { CytolensError } from '../../core/errors.ts';

type Registry = typeof registry;
type Entry = Awaited<ReturnType<Parameters<Registry['set']>[1]>>;

/** Wrap every unpacking codec that zarrita registers. Called once, before an array is opened. */
export function limitCodecs(all: Registry): void {
  for (const name of ['gzip', 'zlib'] as const) {
    const format = name === 'gzip' ? 'gzip' : 'deflate';
    const limited = streamed(format) as unknown as Entry;
    all.set(name, async () => limited).set(`numcodecs.${name}`, async () => limited);
  }
  for (const name of ['blosc', 'zstd', 'lz4'] as const) {
    const load = all.get(name);
    if (!load) continue;
    const limited = async () => checked(await load(), CLAIMS[name]) as unknown as Entry;
    all.set(name, limited).set(`numcodecs.${name}`, limited);
  }
}

/** Bytes of the unpacked chunk that a codec is made for: uint8 pixels, or uint64 of an index. */
interface ChunkMeta {
  dataType: string;
  shape: number[];
}

/** Codecs may pad and add checksums; a bomb is larger by orders of magnitude. */
const SLACK = 64 * 1024;

function roomFor({ dataType, shape }: ChunkMeta): number {
  const width = /64$/.test(dataType) ? 8 : /32$/.test(dataType) ? 4 : /16$/.test(dataType) ? 2 : 1;
  return shape.reduce((product, side) => product * side, width) + SLACK;
}

/** The browser's own inflate, stopped at the limit. */
function streamed(format: CompressionFormat) {
  return {
    fromConfig: (_: unknown, meta: ChunkMeta) => ({
      kind: 'bytes_to_bytes',
      encode: () => Promise.reject(new Error('not written here')),
      async decode(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
        const room = roomFor(meta);
        const reader = new Blob([bytes])
          .stream()
          .pipeThrough(new DecompressionStream(format))
          .getReader();
        const parts: Uint8Array<ArrayBuffer>[] = [];
        let length = 0;
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          length += value.length;
          if (length > room) {
            await reader.cancel();
            throw bomb(length, room);
          }
          parts.push(value);
        }
        return new Uint8Array(await new Blob(parts).arrayBuffer());
      },
    }),
  };
}

interface Codec {
  decode(bytes: Uint8Array): Promise<Uint8Array> | Uint8Array;
}

/** A WebAssembly codec, asked only when the size that its header claims is the chunk's. */
function checked(entry: Entry, claim: (bytes: Uint8Array) => number | null) {
  return {
    fromConfig(config: unknown, meta: ChunkMeta) {
      const codec = entry.fromConfig(config, meta as never) as unknown as Codec;
      return {
        kind: 'bytes_to_bytes',
        encode: () => Promise.reject(new Error('not written here')),
        decode(bytes: Uint8Array) {
          const claimed = claim(bytes);
          const room = roomFor(meta);
          if (claimed !== null && claimed > room) throw bomb(claimed, room);
          return codec.decode(bytes);
        },
      };
    },
  };
}

/** Unpacked size that the head of a packed chunk claims; null when it does not say. */
const CLAIMS = {
  // Blosc header: version, versionlz, flags, typesize, nbytes (uint32 LE).
  blosc: (bytes: Uint8Array) => (bytes.length >= 16 ? viewOf(bytes).getUint32(4, true) : 0),
  // numcodecs' LZ4 puts the size (uint32 LE) in front.
  lz4: (bytes: Uint8Array) => (bytes.length >= 4 ? viewOf(bytes).getUint32(0, true) : 0),
  zstd: zstdSize,
};

/** Frame_Content_Size of a Zstandard frame (RFC 8878, 3.1.1.1). */
function zstdSize(bytes: Uint8Array): number | null {
  if (bytes.length < 18) return null;
  const flags = bytes[4];
  const single = (flags & 0x20) !== 0;
  const sizeFlag = flags >> 6;
  const at = 5 + (single ? 0 : 1) + [0, 1, 2, 4][flags & 3];
  const view = viewOf(bytes);
  if (sizeFlag === 0) return single ? bytes[at] : null;
  if (sizeFlag === 1) return view.getUint16(at, true) + 256;
  if (sizeFlag === 2) return view.getUint32(at, true);
  return at + 8 <= bytes.length ? Number(view.getBigUint64(at, true)) : null;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bomb(claimed: number, room: number): CytolensError {
  return new CytolensError(
    'format',
    'A chunk of this OME-Zarr unpacks to more than it may hold, so it was not read. Copy or export the slide again.',
    `${claimed} bytes, at most ${room}`,
  );
}
