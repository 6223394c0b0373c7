import { describe, expect, it } from 'vitest';
import { createCells } from '../core/cells.ts';
import { CytolensError, cancelled } from '../core/errors.ts';
import type { Lane } from './lane.ts';
import { radiusUnitOf } from './ledger.ts';
import { applyUpdate, type FieldUpdate, type Job, jobOf, runJob } from './pipeline.ts';
import { sightAt, TEST_MPP, testKit, testLane } from './testing-kit.ts';

const PLACES = Array.from({ length: 24 }, (_, i) => ({ col: i % 6, row: Math.floor(i / 6) }));
const kit = testKit();

async function run(job: Job, first: Lane, further: Promise<Lane>[] = [], signal?: AbortSignal) {
  const updates: FieldUpdate[] = [];
  const onField = (update: FieldUpdate) => updates.push(update);
  const score = await runJob(job, { first, further }, kit, 'mean', { onField }, signal);
  return { score, updates, cells: job.ledger.cells };
}

const columns = ({ cells }: { cells: Job['ledger']['cells'] }) => ({
  x: [...cells.x.slice(0, cells.count)],
  attention: [...cells.attention.slice(0, cells.count)],
  contribution: [...cells.contribution.slice(0, cells.count)],
});

describe('running a job', () => {
  it('makes the same account however fast its lanes are', async () => {
    const alone = await run(jobOf(kit, TEST_MPP, PLACES), testLane());
    const slow = testLane(() => 6);
    const fast = testLane();
    const two = await run(jobOf(kit, TEST_MPP, PLACES), slow, [Promise.resolve(fast)]);
    expect(columns(two)).toEqual(columns(alone));
    expect(two.score).toEqual(alone.score);
    expect(slow.seen.length).toBeGreaterThan(1);
    expect(fast.seen.length).toBeGreaterThan(slow.seen.length);
    expect(two.updates.map((u) => u.done)).toEqual(PLACES.map((_, i) => i + 1));
  });

  it('does without a further lane that fails to start or dies on the way', async () => {
    const alone = await run(jobOf(kit, TEST_MPP, PLACES), testLane());
    let left = 3;
    const dying: Lane = {
      async see(place) {
        if (left-- <= 0) throw new Error('the worker is gone');
        return sightAt(place);
      },
    };
    const first = testLane(() => 2);
    const never = Promise.reject<Lane>(new Error('no memory'));
    const done = await run(jobOf(kit, TEST_MPP, PLACES), first, [never, Promise.resolve(dying)]);
    expect(columns(done)).toEqual(columns(alone));
    expect(first.seen.length).toBeLessThan(PLACES.length);
  });

  it('goes on where it was stopped, and ends as if it had not been', async () => {
    const alone = await run(jobOf(kit, TEST_MPP, PLACES), testLane());
    const job = jobOf(kit, TEST_MPP, PLACES);
    const abort = new AbortController();
    const stopping = testLane(({ col, row }) => {
      if (row * 6 + col === 9) abort.abort();
      return 0;
    });
    await expect(run(job, stopping, [], abort.signal)).rejects.toMatchObject(cancelled());
    expect(job.at).toBeGreaterThan(4);
    expect(job.at).toBeLessThan(12);
    const rest = await run(job, testLane());
    expect(columns(rest)).toEqual(columns(alone));
    expect(rest.score).toEqual(alone.score);
    expect(rest.updates[0].done).toBe(PLACES.length - rest.updates.length + 1);
  });

  it('stands where the slide failed, and goes on when it is back', async () => {
    const job = jobOf(kit, TEST_MPP, PLACES);
    const failing: Lane = {
      async see(place) {
        if (place.row >= 1) throw new CytolensError('network', 'The server does not answer.');
        return sightAt(place);
      },
    };
    await expect(run(job, failing)).rejects.toMatchObject({ tag: 'network' });
    expect(job.at).toBe(6);
    const alone = await run(jobOf(kit, TEST_MPP, PLACES), testLane());
    expect(columns(await run(job, testLane()))).toEqual(columns(alone));
  });

  it('tells of a field that could not be kept', async () => {
    const job = jobOf(kit, TEST_MPP, PLACES);
    const table = createCells(8, radiusUnitOf(TEST_MPP));
    const keep = () => {
      if (job.at === 5) throw new CytolensError('quota', 'The storage is full.');
    };
    const events = { onField: (update: FieldUpdate) => void applyUpdate(table, update), keep };
    const lanes = { first: testLane() };
    await expect(runJob(job, lanes, kit, 'mean', events)).rejects.toMatchObject({ tag: 'quota' });
    expect(columns({ cells: table })).toEqual(columns(job.ledger));
    await runJob(job, lanes, kit, 'mean', { onField: events.onField });
    expect(columns({ cells: table })).toEqual(columns(job.ledger));
  });

  it('leaves fields out of focus out of the score and says how many', async () => {
    const job = jobOf(kit, TEST_MPP, PLACES);
    const { score, updates } = await run(
      job,
      testLane(undefined, ({ row }) => row === 2),
    );
    expect(score.fields).toBe(18);
    expect(updates.at(-1)).toMatchObject({ done: 24, blurred: 6 });
    const all = jobOf(kit, TEST_MPP, PLACES);
    await expect(
      run(
        all,
        testLane(undefined, () => true),
      ),
    ).rejects.toMatchObject({
      tag: 'no-tissue',
    });
  });

  it('tells a table on another thread everything', async () => {
    const { updates, cells } = await run(jobOf(kit, TEST_MPP, PLACES), testLane());
    const table = createCells(8, radiusUnitOf(TEST_MPP));
    for (const update of updates) applyUpdate(table, update);
    expect(columns({ cells: table })).toEqual(columns({ cells }));
  });
});
