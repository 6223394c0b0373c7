/** Between the running account and a results folder: what is written, and read back. */
import { radiusUnitOf } from '../analysis/ledger.ts';
import type { TissueMask } from '../analysis/mask.ts';
import { type FieldUpdate, type Job, jobOf, updateOf } from '../analysis/pipeline.ts';
import { throwIfAborted } from '../core/errors.ts';
import { nextTask } from '../core/tasks.ts';
import { type Kit, sessionsOf } from '../model/kit.ts';
import type { SlideInfo } from '../slide/slide.ts';
import {
  formatMask,
  formatPlan,
  maskOf,
  planOf,
  type ResultHead,
  type ResultIndex,
} from '../store/results/index-file.ts';
import type { RunIdentity } from '../store/results/keys.ts';
import type { ResultReader } from '../store/results/reader.ts';

/** What decides the cells and tokens of a run. */
export function identityOf(kit: Kit, mpp: number): RunIdentity {
  const { segmenter, encoder } = kit;
  return { segmenter: segmenter.status.sha256, encoder: encoder.status.sha256, mpp };
}

export function headOf({ head, partner }: Kit): ResultHead {
  const { id, version, head: facts } = head.manifest;
  return {
    id,
    version,
    variant: facts.variant,
    sha256: head.status.sha256,
    partnerSha256: partner?.status.sha256 ?? null,
  };
}

/** The index of a run that begins now. */
export function newIndex(slide: SlideInfo, kit: Kit, job: Job, mask: TissueMask): ResultIndex {
  const { encoder, segmenter } = kit;
  const { tokens, dim, grid } = encoder.manifest.encoder;
  return {
    created: new Date().toISOString(),
    state: 'running',
    slide: {
      id: slide.id,
      name: slide.name,
      width: slide.width,
      height: slide.height,
      mpp: job.mpp,
    },
    models: sessionsOf(kit).map(({ status }) => ({ ...status })),
    heads: [headOf(kit)],
    tokens: { layout: tokens, dim, grid: [grid[0], grid[1]] },
    types: segmenter.manifest.segmenter.types,
    field: { sideUm: job.side * job.mpp, side: job.side },
    radiusUnit: radiusUnitOf(job.mpp),
    plan: formatPlan(job.places),
    mask: formatMask(mask),
  };
}

/** What is read back from disk: a job that can be gone on with. */
export interface Restored {
  job: Job;
  mask: TissueMask | null;
  /** Every field holds what the kit's head said; otherwise the head has to be asked again. */
  answered: boolean;
}

/** An empty job over the plan of stored results. Throws `format`. */
export function jobOfResults({ index }: ResultReader, kit: Kit): Restored {
  const job = jobOf(kit, index.slide.mpp, planOf(index));
  return { job, mask: maskOf(index), answered: true };
}

/** How many fields are read between two looks at waiting messages. */
const BREATHE_EVERY = 8;

/**
 * Take the stored fields that the account does not have yet into it, in their order; places without
 * one were out of focus. Throws `format` when they cannot be read, `cancelled`.
 */
export async function takeStored(
  restored: Restored,
  reader: ResultReader,
  kit: Kit,
  onField: (update: FieldUpdate) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { job } = restored;
  const { ledger, places } = job;
  const head = Math.max(0, reader.headOf(headOf(kit)));
  const known = reader.headOf(headOf(kit)) >= 0;
  for await (const field of reader.fields({ from: ledger.fields.length, head, signal })) {
    restored.answered &&= known && field.head === head;
    const { place, cells, ...reading } = field;
    while (places[job.at].col !== place.col || places[job.at].row !== place.row) leaveOut(job);
    const change = ledger.admit(place, cells, { ...reading, tokens: null });
    job.at++;
    onField(updateOf(job, change, place));
    if (ledger.fields.length % BREATHE_EVERY === 0) await nextTask();
    throwIfAborted(signal);
  }
  // A run that is done has seen what comes after the last stored field, too.
  if (reader.index.state !== 'done' || job.at === places.length) return;
  while (job.at < places.length) leaveOut(job);
  onField(updateOf(job, null, places[places.length - 1]));
}

/** The next place was out of focus. */
function leaveOut(job: Job): void {
  job.ledger.leaveOut(job.places[job.at]);
  job.at++;
  job.blurred++;
}
