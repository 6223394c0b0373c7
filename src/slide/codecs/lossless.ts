/**
 * The byte compressions of TIFF. All of them fill a buffer of the size that the tile must have and
 * stop there: a tile of a few bytes that unfolds to gigabytes costs no more than any other.
 * LZW and PackBits are written out because the readers on npm grow a plain array without end.
 */
import { damagedTile } from './codec.ts';

type Unpack = (packed: Uint8Array<ArrayBuffer>, out: Uint8Array) => Promise<number> | number;

/** `packed` unfolded to at most `length` bytes. Throws `format` when it gives fewer or is damaged. */
export async function unpack(
  compression: 'lzw' | 'deflate' | 'packbits' | 'zstd' | 'none',
  packed: Uint8Array<ArrayBuffer>,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Uint8Array(length);
  const got = await UNPACKERS[compression](packed, out);
  if (got < length) throw damagedTile(`${compression}: ${got} of ${length} bytes`);
  return out;
}

const UNPACKERS: Record<Parameters<typeof unpack>[0], Unpack> = {
  lzw: unpackLzw,
  deflate: inflate,
  packbits: unpackBits,
  zstd: unpackZstd,
  none(packed, out) {
    out.set(packed.subarray(0, out.length));
    return packed.length;
  },
};

/** By the platform, and only as far as is needed: what follows is never unfolded. */
async function inflate(packed: Uint8Array<ArrayBuffer>, out: Uint8Array): Promise<number> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  const reader = stream.getReader();
  let to = 0;
  try {
    while (to < out.length) {
      const { done, value } = await reader.read();
      if (done) break;
      out.set(value.subarray(0, out.length - to), to);
      to = Math.min(out.length, to + value.length);
    }
  } catch (error) {
    throw damagedTile(`deflate: ${error}`);
  } finally {
    // What is left may be damaged; nobody waits for it.
    reader.cancel().catch(() => {});
  }
  return to;
}

/** TIFF 6.0, section 9. */
function unpackBits(packed: Uint8Array, out: Uint8Array): number {
  let to = 0;
  for (let from = 0; from < packed.length && to < out.length; ) {
    const n = packed[from++];
    if (n === 128) continue;
    const end = Math.min(out.length, to + (n < 128 ? n + 1 : 257 - n));
    if (n < 128) {
      const run = packed.subarray(from, from + end - to);
      if (run.length < end - to) return to;
      out.set(run, to);
      from += n + 1;
    } else out.fill(packed[from++], to, end);
    to = end;
  }
  return to;
}

const CLEAR = 256;
const END = 257;

/** TIFF 6.0, section 13: codes of 9 to 12 bits, highest bit first, one code "early". */
function unpackLzw(packed: Uint8Array, out: Uint8Array): number {
  // Entry k of the table is the `lengths[k]` bytes of the output from `starts[k]`.
  const starts = new Uint32Array(4097);
  const lengths = new Uint32Array(4097);
  let next = END + 1;
  let width = 9;
  let held = 0;
  let bits = 0;
  let to = 0;
  let before = -1;
  for (let from = 0; to < out.length; ) {
    while (bits < width) {
      if (from >= packed.length) return to;
      held = ((held & 0xffff) << 8) | packed[from++];
      bits += 8;
    }
    bits -= width;
    const code = (held >>> bits) & ((1 << width) - 1);
    if (code === END) return to;
    if (code === CLEAR) {
      next = END + 1;
      width = 9;
      before = -1;
      continue;
    }
    if (code >= next && !(code === next && before >= 0)) throw damagedTile(`LZW code ${code}`);
    // The new entry is what was written last plus the byte that is about to follow it.
    if (before >= 0 && next < 4096) {
      starts[next] = before;
      lengths[next] = to - before + 1;
      next++;
    }
    const start = to;
    if (code < CLEAR) out[to++] = code;
    else {
      const end = Math.min(out.length, to + lengths[code]);
      // Byte by byte: an entry may reach into what it is just writing.
      for (let s = starts[code]; to < end; ) out[to++] = out[s++];
    }
    before = start;
    if (next >= (1 << width) - 1 && width < 12) width++;
  }
  return to;
}

async function unpackZstd(packed: Uint8Array, out: Uint8Array): Promise<number> {
  const decoder = await zstd();
  let bytes: Uint8Array;
  try {
    bytes = decoder.decode(packed, out.length);
  } catch (error) {
    throw damagedTile(`zstd: ${error}`);
  }
  out.set(bytes.subarray(0, out.length));
  return bytes.length;
}

type Zstd = import('zstddec').ZSTDDecoder;
let loading: Promise<Zstd> | null = null;

function zstd(): Promise<Zstd> {
  loading ??= import('zstddec').then(async ({ ZSTDDecoder }) => {
    const decoder = new ZSTDDecoder();
    await decoder.init();
    return decoder;
  });
  return loading;
}

/** Undo TIFF predictor 2 in place: each value is the sum of the differences to its left. */
export function undoDifferences(
  values: Uint8Array | Uint16Array,
  width: number,
  samples: number,
): void {
  const row = width * samples;
  for (let start = 0; start + row <= values.length; start += row) {
    for (let i = start + samples; i < start + row; i++) values[i] += values[i - samples];
  }
}
