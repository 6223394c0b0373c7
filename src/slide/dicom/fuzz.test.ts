/** Files that were damaged on the way, or made to do harm: they open or give a sentence, soon. */

import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../core/arrays.ts';
import { isCytolensError } from '../../core/errors.ts';
import { mulberry32 } from '../../core/random.ts';
import { type ByteSource, type Bytes, truncated } from '../bytes.ts';
import { directCodec } from '../codecs/codecs.ts';
import { release } from '../decode.ts';
import { openDicom } from './files.ts';
import {
  ENCAPSULATED,
  EXPLICIT,
  encapsulate,
  flat,
  IMPLICIT,
  part10,
  plainFile,
  type Table,
  wsi,
} from './testing/write.ts';

const TILE = 4;
const SIZE = { width: 16, height: 8, tile: TILE };
const CORNERS = [
  [1, 1],
  [5, 5],
  [9, 1],
] as const;
const EXTREMES = [0, 1, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

function inItems(table: Table): Bytes {
  const frames = Array.from({ length: 8 }, (_, i) => [flat(TILE, i)]);
  const { elements, tail } = encapsulate(frames, table);
  return part10(ENCAPSULATED, [...wsi(SIZE), ...elements], tail);
}

const WHOLE = [
  plainFile(SIZE, undefined, EXPLICIT),
  plainFile(SIZE, undefined, IMPLICIT),
  plainFile({ ...SIZE, corners: CORNERS }, undefined, EXPLICIT),
  plainFile({ ...SIZE, corners: CORNERS }, undefined, IMPLICIT),
  inItems('none'),
  inItems('basic'),
  inItems('extended'),
];

function mutated(bytes: Bytes, random: () => number): Bytes {
  const at = (length = bytes.length) => 128 + Math.floor(random() * (length - 132));
  const copy = bytes.slice();
  const changes = 1 + Math.floor(random() * 4);
  switch (Math.floor(random() * 5)) {
    case 0:
      for (let i = 0; i < changes; i++) copy[at()] = Math.floor(random() * 256);
      return copy;
    case 1: {
      const view = new DataView(copy.buffer);
      const value = EXTREMES[Math.floor(random() * EXTREMES.length)];
      for (let i = 0; i < changes; i++) view.setUint32(at() & ~1, value, true);
      return copy;
    }
    case 2:
      return copy.slice(0, at());
    case 3: {
      const from = at();
      return concatBytes([copy.subarray(0, from), copy.subarray(from + Math.floor(random() * 64))]);
    }
    default: {
      const from = at();
      const piece = copy.subarray(from, from + Math.floor(random() * 128));
      return concatBytes([copy.subarray(0, at()), piece, copy.subarray(at())]);
    }
  }
}

/** A source in memory that counts what is asked of it. */
function counted(bytes: Bytes): ByteSource & { read: ByteSource['read']; asked: number } {
  const source = {
    size: bytes.length,
    asked: 0,
    async read(offset: number, length: number) {
      source.asked++;
      if (offset < 0 || length < 0 || offset + length > bytes.length) throw truncated('');
      return bytes.slice(offset, offset + length);
    },
  };
  return source;
}

const noPicture = () => Promise.reject(new Error('no picture'));
const context = { name: 'x', facts: {}, codec: directCodec(noPicture) };

describe('mutated files', () => {
  it.each(WHOLE.map((bytes, i) => [i, bytes] as const))(
    '600 of kind %i open or say what is wrong, and are not read in circles',
    async (kind, bytes) => {
      const random = mulberry32(kind + 1);
      let opened = 0;
      for (let i = 0; i < 600; i++) {
        const source = counted(mutated(bytes, random));
        try {
          const slide = await openDicom(source, context);
          opened++;
          release(await slide.tile(0, 0, 0));
          await slide.iccProfile?.();
        } catch (error) {
          if (!isCytolensError(error) || error.tag === 'internal') throw error;
          expect(error.message).toMatch(/[\w)]\.?$/);
        }
        expect(source.asked).toBeLessThan(100);
      }
      // Some damage does no harm, some does: else the mutations would not be worth much.
      expect(opened).toBeGreaterThan(30);
      expect(opened).toBeLessThan(570);
    },
    20_000,
  );
});
