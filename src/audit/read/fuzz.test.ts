import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isCytolensError } from '../../core/errors.ts';
import { mulberry32 } from '../../core/random.ts';
import {
  fileOf,
  h5Of,
  npyOf,
  npzOf,
  parquetOf,
  type Samples,
  textOf,
} from '../testing/embedding-files.ts';
import { readEmbeddings } from './read-embeddings.ts';

const ROUNDS = 1000;
const SEED = 9;
const random = mulberry32(20);
const SAMPLES: Samples = {
  rows: Array.from({ length: 12 }, () => Array.from({ length: 5 }, () => random() - 0.5)),
  labels: Array.from({ length: 12 }, (_, i) => ({
    biology: `class ${i % 3}`,
    centre: `centre ${i % 2}`,
    group: `slide ${i}`,
  })),
};
const labels = fileOf('a-labels.csv', textOf(SAMPLES, ',', true));

const KINDS: [name: string, bytes: () => Promise<Uint8Array> | Uint8Array][] = [
  ['a.csv', () => new TextEncoder().encode(textOf(SAMPLES))],
  ['a.npy', () => npyOf(SAMPLES.rows)],
  ['a.npz', () => npzOf(SAMPLES)],
  ['a.parquet', () => parquetOf(SAMPLES, false)],
  ['lists.parquet', () => parquetOf(SAMPLES, true)],
  ['a.h5', () => h5Of(SAMPLES)],
  ['features.h5', () => h5Of(SAMPLES, false)],
];

/** Some bytes changed, a stretch cut out, doubled or filled, or the end missing. */
function mutated(bytes: Uint8Array, chance: () => number): Uint8Array {
  const at = () => Math.floor(chance() * bytes.length);
  const [from, to] = [at(), at()].sort((a, b) => a - b);
  const own = bytes.slice();
  switch (Math.floor(chance() * 5)) {
    case 0:
      return own.subarray(0, at());
    case 1:
      return Uint8Array.of(...own.subarray(0, from), ...own.subarray(to));
    case 2:
      return Uint8Array.of(...own.subarray(0, to), ...own.subarray(from));
    case 3:
      return own.fill(chance() < 0.5 ? 0 : 255, from, Math.min(to, from + 16));
    default:
      for (let i = 0; i < 1 + 8 * chance(); i++) own[at()] = 256 * chance();
      return own;
  }
}

// HDF5 writes the time into its files: with one time they are the same in every run.
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0) });
});
afterAll(() => {
  vi.useRealTimers();
});

describe('a damaged file gives a set or a sentence', () => {
  it.each(KINDS)(
    '%s',
    async (name, write) => {
      const good = await write();
      const chance = mulberry32(SEED);
      let refused = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const file = fileOf(name, mutated(good, chance));
        try {
          const set = await readEmbeddings([file, labels]);
          expect(set.rows.every(Number.isFinite)).toBe(true);
        } catch (error) {
          if (!isCytolensError(error)) throw error;
          expect(error.tag).toMatch(/^(format|truncated|unsupported|too-large)$/);
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(ROUNDS / 4);
      expect(await readEmbeddings([fileOf(name, good), labels])).toMatchObject({ n: 12, dim: 5 });
    },
    120_000,
  );
});
