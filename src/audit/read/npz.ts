/** Several numpy arrays in a ZIP, plain or compressed. */
import { unzipSync } from 'fflate';
import { unpacksTooLarge } from '../../core/gzip.ts';
import { contentsOfArrays } from './arrays.ts';
import { type Contents, MOST_BYTES, readable } from './contents.ts';
import { npyArray } from './npy.ts';

/** Throws `format`, `truncated`, `unsupported`, `too-large`. */
export async function readNpz(file: string, bytes: Uint8Array): Promise<Contents> {
  let room = MOST_BYTES;
  const entries = await readable(file, 'npz', async () =>
    unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (!name.endsWith('.npy')) return false;
        // The unpacker fills a buffer of the size that is claimed here, and stops there.
        room -= originalSize;
        if (room < 0) throw unpacksTooLarge(file, MOST_BYTES);
        return true;
      },
    }),
  );
  const arrays = Object.entries(entries).map(([name, own]) =>
    npyArray(`${file}, ${name}`, name.replace(/\.npy$/, ''), own),
  );
  return contentsOfArrays(file, arrays);
}
