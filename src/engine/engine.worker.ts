/**
 * The engine: the worker that owns the model sessions, its own copy of the slide, the running
 * account and what is kept of it on disk. It puts the rooms together for the page, as App.tsx does
 * for the eye.
 */
import type { Chosen } from '../analysis/analysis.ts';
import { explainCalls } from '../analysis/explain.worker.ts';
import { findTissue } from '../analysis/mask.ts';
import { Models } from '../analysis/models.ts';
import type { FieldUpdate } from '../analysis/pipeline.ts';
import { fieldSideOf } from '../analysis/plan.ts';
import { auditCalls } from '../audit/audit.worker.ts';
import { similarRegionsCalls } from '../audit/similar-regions.worker.ts';
import { cellBuffers } from '../core/cells.ts';
import { CytolensError, isCytolensError } from '../core/errors.ts';
import { type CallContext, serve, Transfer } from '../core/rpc.ts';
import type { Kit } from '../model/kit.ts';
import { AlignmentKeeper } from '../molecular/alignment-keeper.ts';
import { molecularCalls } from '../molecular/molecular.worker.ts';
import { predictCalls } from '../molecular/spatial/predict.worker.ts';
import { openSlide } from '../slide/formats.ts';
import type { Slide } from '../slide/slide.ts';
import { directoryFiles, zipFiles } from '../store/results/archive.ts';
import { exportResults } from '../store/results/export-results.ts';
import { opfsSource } from '../store/results/opfs.ts';
import { openResults } from '../store/results/reader.ts';
import { Disk } from './disk.ts';
import type { EngineApi } from './engine.ts';
import { OtherSlides } from './other-slides.ts';
import { Runs } from './runs.ts';

const disk = new Disk();
const otherSlides = new OtherSlides(disk);
let models: Models | undefined;
/** Absolute URL of the app's root, once the models are asked for. */
let base: string | null = null;
let opened: { slide: Slide; runs: Runs } | undefined;
/** A model stopped working: it is started again before the next run. */
let stopped = false;
/** Started when the first gene set is asked for. */
const alignments = new AlignmentKeeper({
  alignmentFolder: () => loaded().alignmentFolder(),
  openAlignment: (folder, signal) => loaded().openAlignment(folder, signal),
});
/** Settled when the sessions may be changed. */
let running: Promise<unknown> = Promise.resolve();

serve<EngineApi>(
  {
    async load(start, { signal, progress }) {
      base = start.base;
      alignments.release();
      models = await Models.open(start, progress, signal);
      return { kit: models.describe(), entries: models.entries() };
    },

    choose: ({ head }, { signal, progress }) =>
      alone(async () => {
        const kit = await loaded().choose(head, progress, signal);
        const rescored = (await opened?.runs.askAgain(kit, signal)) ?? null;
        const chosen: Chosen = { kit: loaded().describe(), rescored };
        const columns = rescored ? [rescored.attention, rescored.contribution] : [];
        return new Transfer(chosen, columns.map((column) => column.buffer) as ArrayBuffer[]);
      }),

    addModel: ({ source }, { signal }) =>
      alone(async () => {
        const added = await loaded().add(source, signal);
        return { added, entries: loaded().entries() };
      }),

    removeModel({ id }) {
      loaded().remove(id);
      return loaded().entries();
    },

    ping: () => null,

    card: ({ id }, { signal }) => loaded().card(id, signal),

    async open({ source }, { signal }) {
      const slide = await openSlide(source, { signal });
      // Only now: a slide that cannot be opened must not cost the one that is.
      opened?.runs.close();
      opened?.slide.close();
      opened = { slide, runs: new Runs(slide, source, disk, base) };
      return null;
    },

    async findTissue({ mpp, within }, { signal, progress }) {
      const { fieldUm } = loaded().describe();
      const side = fieldSideOf(fieldUm, mpp);
      const mask = await findTissue(slideNow(), side, within, progress, signal);
      return new Transfer(mask, [mask.kinds.buffer]);
    },

    analyse: ({ scope, mpp }, context) =>
      // A cancelled run still finishes its field; the sessions serve one run at a time.
      alone(async () => {
        const kit = await kitAtWork();
        const run = await runsNow().analyse(kit, scope, mpp, sender(context), context.signal);
        return { ...run, kit: loaded().describe() };
      }).catch(noteStopped),

    goOn: (_, context) =>
      alone(async () => {
        const run = await runsNow().goOn(await kitAtWork(), sender(context), context.signal);
        return { ...run, kit: loaded().describe() };
      }).catch(noteStopped),

    restore: ({ mpp }, context) =>
      alone(() => runsNow().restore(loaded().current(), mpp, sender(context), context.signal)),

    watch: (_, context) => runsNow().watch(loaded().current(), sender(context), context.signal),

    pool: ({ pooling }) => runsNow().pool(loaded().current(), pooling),

    async results() {
      const catalog = await disk.results();
      return { entries: await catalog.list(), ...(await catalog.usage()) };
    },

    async removeResults({ path }) {
      opened?.runs.release(path);
      await (await disk.results()).remove(path);
      return null;
    },

    async removeAllResults() {
      opened?.runs.release(null);
      await (await disk.results()).removeAll();
      return null;
    },

    async exportResults({ path }, { signal, progress }) {
      const folder = await (await disk.results()).open(path);
      const reader = await openResults(opfsSource(folder), { signal });
      let share = 0;
      const onProgress = (value: number) => {
        share = value;
      };
      for await (const bytes of exportResults(reader, new Date(), { signal, onProgress })) {
        // Copied: pieces may share one buffer.
        progress({ share, bytes });
      }
      return null;
    },

    openResults: ({ source }, context) =>
      alone(async () => {
        const { signal } = context;
        const files =
          source.kind === 'archive'
            ? await zipFiles(source.file, signal)
            : directoryFiles(source.files);
        const reader = await openResults(files, { signal });
        return runsNow().open(loaded().current(), reader, sender(context), signal);
      }),

    ...explainCalls({
      analysed: () => opened?.runs.analysed(loaded().current()) ?? null,
      openHead: (id, signal) => loaded().openHead(id, signal),
    }),

    ...molecularCalls(() => opened?.runs.analysed(loaded().current()) ?? null, alignments),

    ...predictCalls({ slide: slideNow, eyes: () => loaded().current(), keeper: alignments, alone }),

    ...similarRegionsCalls({
      analysed: () => opened?.runs.analysed(loaded().current()) ?? null,
      slide: slideNow,
      others: (kit, signal) => otherSlides.ofEncoder(kit, slideNow().info.id, signal),
    }),

    ...auditCalls({
      analysed: () => opened?.runs.analysed(loaded().current()) ?? null,
      slide: slideNow,
      encoderFolder: (id) => loaded().encoderFolder(id),
      openEncoder: (folder, signal) => loaded().openEncoder(folder, signal),
      lanesFrom: () => base,
    }),
  },
  self,
);

function loaded(): Models {
  if (models) return models;
  throw new CytolensError('model', 'The models are still loading. Try again in a moment.');
}

/** The kit, started again where a model of it stopped. */
async function kitAtWork(): Promise<Kit> {
  if (!stopped) return loaded().current();
  const kit = await loaded().restart(() => undefined);
  stopped = false;
  return kit;
}

function noteStopped(error: unknown): never {
  stopped ||= isCytolensError(error, 'stopped');
  throw error;
}

function slideNow(): Slide {
  if (opened) return opened.slide;
  throw new CytolensError('internal', 'No slide is open.');
}

function runsNow(): Runs {
  slideNow();
  return (opened as { runs: Runs }).runs;
}

/** Run `work` when no run uses the sessions: it may change them. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  const result = running.then(work);
  running = result.catch(() => undefined);
  return result;
}

function sender({ progress }: CallContext): (update: FieldUpdate) => void {
  return (update) => {
    const { rows, attention, contribution, purity, tokens } = update.patch;
    const columns = [rows, attention, contribution, purity, tokens];
    if (update.weights) columns.push(update.weights);
    const patch = columns.map((a) => a.buffer as ArrayBuffer);
    progress(update, [...cellBuffers(update.cells), ...patch]);
  };
}
