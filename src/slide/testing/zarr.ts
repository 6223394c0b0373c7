/** Small OME-Zarr groups, for tests and benches. Not part of the application. */
import { deflateSync, gzipSync } from 'node:zlib';
import Blosc from 'numcodecs/blosc';
import Zstd from 'numcodecs/zstd';
import type { PackedFile } from './pyramid.ts';

export interface ZarrPicture {
  width: number;
  height: number;
  /** Red, green or blue (0, 1, 2) at a pixel of this level. */
  value(x: number, y: number, c: number): number;
}

export interface ZarrOptions {
  version: 2 | 3;
  /** Some order of t, c, z, y, x. */
  axes: string;
  /** Side of a chunk, px. */
  chunk: number;
  /** Channels in a chunk. */
  together: number;
  packed: 'none' | 'gzip' | 'zlib' | 'blosc' | 'zstd';
  /** Side of a shard, px; version 3 alone. */
  shard?: number;
  unit?: string;
  /** Size of a pixel of the first level, in the unit. */
  pixel?: number;
}

/** A chunk's bytes as each codec stores them. */
export const PACKERS = {
  none: async (bytes: Uint8Array) => bytes,
  gzip: async (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
  zlib: async (bytes: Uint8Array) => new Uint8Array(deflateSync(bytes)),
  blosc: async (bytes: Uint8Array) => Blosc.fromConfig({ id: 'blosc', cname: 'lz4' }).encode(bytes),
  zstd: async (bytes: Uint8Array) => Zstd.fromConfig({ id: 'zstd', level: 3 }).encode(bytes),
};

/** The files of a group whose levels are the pictures, the finest first, each half the former. */
export async function writeZarr(
  pictures: ZarrPicture[],
  options: ZarrOptions,
): Promise<PackedFile[]> {
  const files: PackedFile[] = [];
  const text = (name: string, value: unknown) =>
    files.push({ name, bytes: new TextEncoder().encode(JSON.stringify(value)) });
  const { version } = options;
  const multiscales = [multiscale(pictures.length, options)];
  if (version === 2) {
    text('.zgroup', { zarr_format: 2 });
    text('.zattrs', { multiscales });
  } else {
    const attributes = { ome: { version: '0.5', multiscales } };
    text('zarr.json', { zarr_format: 3, node_type: 'group', attributes });
  }
  for (const [i, picture] of pictures.entries()) {
    const shape = along(options.axes, picture.height, picture.width, 3);
    if (version === 2) text(`${i}/.zarray`, arrayV2(shape, options));
    else text(`${i}/zarr.json`, arrayV3(shape, options));
    files.push(...(await chunksOf(`${i}`, picture, options)));
  }
  return files;
}

function multiscale(levels: number, { axes, unit, pixel = 0.25 }: ZarrOptions) {
  const types: Record<string, string> = { t: 'time', c: 'channel' };
  return {
    version: '0.4',
    axes: [...axes].map((name) => ({
      name,
      type: types[name] ?? 'space',
      ...(unit && 'xy'.includes(name) ? { unit } : {}),
    })),
    datasets: Array.from({ length: levels }, (_, i) => ({
      path: `${i}`,
      coordinateTransformations: [
        { type: 'scale', scale: along(axes, pixel * 2 ** i, pixel * 2 ** i, 1) },
      ],
    })),
  };
}

function arrayV2(shape: number[], { axes, chunk, together, packed }: ZarrOptions) {
  return {
    zarr_format: 2,
    shape,
    chunks: along(axes, chunk, chunk, together),
    dtype: '|u1',
    compressor: packed === 'none' ? null : { id: packed },
    fill_value: 0,
    filters: null,
    order: 'C',
    dimension_separator: '/',
  };
}

function arrayV3(shape: number[], { axes, chunk, together, packed, shard }: ZarrOptions) {
  const inner = [
    { name: 'bytes' },
    ...(packed === 'none' ? [] : [{ name: packed, configuration: { level: 3 } }]),
  ];
  const chunk_shape = along(axes, chunk, chunk, together);
  const little = [{ name: 'bytes', configuration: { endian: 'little' } }];
  const sharded = { chunk_shape, codecs: inner, index_codecs: little, index_location: 'end' };
  const outer = shard ? along(axes, shard, shard, together) : chunk_shape;
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: 'uint8',
    chunk_grid: { name: 'regular', configuration: { chunk_shape: outer } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    codecs: shard ? [{ name: 'sharding_indexed', configuration: sharded }] : inner,
    fill_value: 0,
    attributes: {},
  };
}

/** Values of y, x and c in the order of the axes; 1 for the others. */
function along(axes: string, y: number, x: number, c: number): number[] {
  const of: Record<string, number> = { y, x, c };
  return [...axes].map((axis) => of[axis] ?? 1);
}

async function chunksOf(
  base: string,
  picture: ZarrPicture,
  options: ZarrOptions,
): Promise<PackedFile[]> {
  const { axes, chunk, together, shard, packed, version } = options;
  const side = shard ?? chunk;
  const files: PackedFile[] = [];
  for (let c = 0; c < 3; c += together) {
    for (let y = 0; y < picture.height; y += side) {
      for (let x = 0; x < picture.width; x += side) {
        const key = along(axes, y / side, x / side, c / together).map((v, i) =>
          'yxc'.includes(axes[i]) ? v : 0,
        );
        const parts: Uint8Array[] = [];
        // Inner chunks of a shard follow each other in row order of the axes.
        const inner = side / chunk;
        const yFirst = axes.indexOf('y') < axes.indexOf('x');
        for (let a = 0; a < inner; a++) {
          for (let b = 0; b < inner; b++) {
            const [v, u] = yFirst ? [a, b] : [b, a];
            const bytes = chunkBytes(picture, options, x + u * chunk, y + v * chunk, c);
            parts.push(await PACKERS[packed](bytes));
          }
        }
        const name = [base, ...(version === 3 ? ['c'] : []), ...key].join('/');
        files.push({ name, bytes: shard ? shardOf(parts) : parts[0] });
      }
    }
  }
  return files;
}

function chunkBytes(
  { width, height, value }: ZarrPicture,
  { axes, chunk, together }: ZarrOptions,
  x0: number,
  y0: number,
  c0: number,
): Uint8Array {
  const order = [...axes].filter((axis) => 'yxc'.includes(axis));
  const sides: Record<string, number> = { y: chunk, x: chunk, c: together };
  const stride = (axis: string) =>
    order.slice(order.indexOf(axis) + 1).reduce((product, inner) => product * sides[inner], 1);
  const [sy, sx, sc] = ['y', 'x', 'c'].map(stride);
  const out = new Uint8Array(chunk * chunk * together);
  for (let y = 0; y < chunk && y0 + y < height; y++) {
    for (let x = 0; x < chunk && x0 + x < width; x++) {
      for (let c = 0; c < together; c++) {
        out[y * sy + x * sx + c * sc] = value(x0 + x, y0 + y, c0 + c);
      }
    }
  }
  return out;
}

/** Chunks, then their index of offset and length (uint64 LE). Zarr 3 "sharding_indexed". */
function shardOf(parts: Uint8Array[]): Uint8Array {
  const index = Buffer.alloc(parts.length * 16);
  let offset = 0;
  parts.forEach((part, i) => {
    index.writeBigUInt64LE(BigInt(offset), i * 16);
    index.writeBigUInt64LE(BigInt(part.length), i * 16 + 8);
    offset += part.length;
  });
  return new Uint8Array(Buffer.concat([...parts, index]));
}
