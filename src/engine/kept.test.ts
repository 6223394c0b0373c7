/** A run that is kept, broken off, read back and gone on with, against one that never stopped. */
import { describe, expect, it } from 'vitest';
import { type Job, type JobEvents, jobOf, runJob } from '../analysis/pipeline.ts';
import { TEST_MPP, testKit, testLane } from '../analysis/testing-kit.ts';
import { GLASS, TISSUE } from '../analysis/tissue.ts';
import type { SlideInfo } from '../slide/slide.ts';
import { openResults } from '../store/results/reader.ts';
import { memoryFiles } from '../store/results/testing/memory.ts';
import { ResultWriter } from '../store/results/writer.ts';
import { headOf, jobOfResults, newIndex, takeStored } from './kept.ts';

const PLACES = Array.from({ length: 20 }, (_, i) => ({ col: i % 5, row: Math.floor(i / 5) }));
const kit = testKit();
const slide = { id: 'slide', name: 'A slide', width: 320, height: 256 } as SlideInfo;
const mask = { cols: 2, rows: 1, size: 8, kinds: Uint8Array.of(TISSUE, GLASS) };
/** One on the way, and the last two: nothing is stored after them. */
const blurred = ({ col, row }: { col: number; row: number }) =>
  (row === 1 && col === 2) || (row === 3 && col > 2);

async function run(job: Job, writer: ResultWriter | null, stopAfter = Infinity) {
  const abort = new AbortController();
  const events: JobEvents = {
    onField: ({ done }) => {
      if (done >= stopAfter) abort.abort();
    },
    keep: writer ? (field, cells, tokens) => writer.add({ ...field, cells, tokens }) : undefined,
  };
  const first = testLane(undefined, blurred);
  return runJob(job, { first }, kit, 'mean', events, abort.signal);
}

const table = ({ ledger }: Job) => {
  const { count, x, y, radii, type, area, field, attention, contribution } = ledger.cells;
  const columns = { x, y, type, area, field, attention, contribution };
  return {
    count,
    radii: [...radii.slice(0, 32 * count)],
    ...Object.fromEntries(
      Object.entries(columns).map(([name, column]) => [name, [...column.slice(0, count)]]),
    ),
  };
};

describe('results on disk', () => {
  it('give the same account after a reload in the middle as without one', async () => {
    const whole = jobOf(kit, TEST_MPP, PLACES);
    const score = await run(whole, null);

    const files = memoryFiles();
    const job = jobOf(kit, TEST_MPP, PLACES);
    const writer = await ResultWriter.create(files, newIndex(slide, kit, job, mask));
    await expect(run(job, writer, 11)).rejects.toMatchObject({ tag: 'cancelled' });

    const again = await ResultWriter.resume(files, headOf(kit));
    const restored = jobOfResults(again.reader, kit);
    const told: number[] = [];
    await takeStored(restored, again.reader, kit, ({ done }) => told.push(done));
    expect(restored.answered).toBe(true);
    expect(restored.mask).toEqual(mask);
    expect(restored.job.at).toBeGreaterThanOrEqual(11);
    expect(restored.job.blurred).toBe(1);
    expect(told.length).toBe(restored.job.at - 1);

    expect(await run(restored.job, again)).toEqual(score);
    await again.update({ state: 'done' });
    expect(table(restored.job)).toEqual(table(whole));
    expect(restored.job.blurred).toBe(whole.blurred);

    const all = await openResults(files);
    const reread = jobOfResults(all, kit);
    await takeStored(reread, all, kit, () => undefined);
    expect(table(reread.job)).toEqual(table(whole));
    expect(reread.job).toMatchObject({ at: PLACES.length, blurred: 3 });
    const stains = ({ ledger }: Job) => ledger.fields.map(({ stain }) => stain);
    expect(stains(reread.job)).toEqual(stains(whole));
    expect(score.missed).toBeGreaterThan(0);
    const tokens = await all.tokensOf(3);
    expect(tokens?.patchTokens).toEqual(whole.ledger.fields[3].tokens?.patchTokens);
  });

  it('say when another head has to be asked', async () => {
    const files = memoryFiles();
    const job = jobOf(kit, TEST_MPP, PLACES);
    const writer = await ResultWriter.create(files, newIndex(slide, kit, job, mask));
    await run(job, writer);
    const other = testKit('other');
    const restored = jobOfResults(writer.reader, other);
    await takeStored(restored, writer.reader, other, () => undefined);
    expect(restored.answered).toBe(false);
    expect(restored.job.ledger.fields).toHaveLength(PLACES.length - 3);
  });
});
