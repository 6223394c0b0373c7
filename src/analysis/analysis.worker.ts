/**
 * The analysis worker owns the model sessions, its own copy of the slide and the running
 * account. One run at a time; a new slide or run replaces what was kept.
 */
import { cellBuffers } from '../core/cells.ts';
import { CytolensError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { type CallContext, serve } from '../core/rpc.ts';
import { webBackend } from '../model/backend.web.ts';
import { httpReader } from '../model/folder.ts';
import { type Kit, openKit, openKitFolders } from '../model/kit.ts';
import type { ModelSession } from '../model/session.ts';
import { openSlide } from '../slide/formats.ts';
import type { Slide } from '../slide/slide.ts';
import type { AnalysisApi, LoadedKit, LoadedModel, RunResult } from './analysis.ts';
import { explainCell } from './explain.ts';
import { fieldGeometry } from './field.ts';
import type { Ledger } from './ledger.ts';
import { type FieldUpdate, planRegion, runPlan } from './pipeline.ts';

let kit: Kit | undefined;
let slide: Slide | undefined;
let ledger: Ledger | undefined;
/** Settled when no run is under way. */
let running: Promise<void> = Promise.resolve();

serve<AnalysisApi>(
  {
    async load({ base, forced }, { signal, progress }) {
      const models = new URL('models/', base).href;
      const folders = await openKitFolders(httpReader(models), signal);
      const summarise = (session: ModelSession) => describeModel(session, models);
      kit = await openKit(folders, webBackend(base), {
        forced,
        signal,
        onModel: (_, session) => progress(summarise(session)),
      });
      return describeKit(kit, summarise);
    },

    async open({ source }, { signal }) {
      const opened = await openSlide(source, { signal });
      // Only now: a slide that cannot be opened must not cost the one that is.
      slide?.close();
      slide = opened;
      ledger = undefined;
      return null;
    },

    async analyse({ region, mpp }, context) {
      if (!kit)
        throw new CytolensError('model', 'The models are still loading. Try again in a moment.');
      if (!slide) throw new CytolensError('internal', 'No slide is open.');
      const [models, on] = [kit, slide];
      // A cancelled run still finishes its field; the sessions serve one run at a time.
      const before = running;
      let end = () => {};
      running = new Promise((resolve) => {
        end = resolve;
      });
      await before;
      try {
        return await analyse(models, on, region, mpp, context);
      } finally {
        end();
      }
    },

    explain: ({ index }) => (ledger ? explainCell(ledger, index) : null),
  },
  self,
);

async function analyse(
  models: Kit,
  on: Slide,
  region: Rect,
  mpp: number,
  context: CallContext,
): Promise<RunResult> {
  const start = performance.now();
  const { signal } = context;
  const plan = await planRegion(on, mpp, models, region, signal);
  // Kept from the start: cells can be explained while the run goes on, or after a cancel.
  ledger = plan.ledger;
  const run = await runPlan(plan, on, models, sender(context), signal);
  return { ...run, skipped: plan.skipped, ms: performance.now() - start };
}

function sender({ progress }: CallContext): (update: FieldUpdate) => void {
  return (update) => {
    const { rows, attention, contribution, purity, tokens } = update.patch;
    const patch = [rows, attention, contribution, purity, tokens].map((a) => a.buffer);
    progress(update, [...cellBuffers(update.cells), ...(patch as ArrayBuffer[])]);
  };
}

function describeModel({ manifest, status }: ModelSession, models: string): LoadedModel {
  const { licence, metrics, id, card } = manifest;
  return { status, licence, metrics, cardUrl: new URL(`${id}/${card}`, models).href };
}

function describeKit(loaded: Kit, summarise: (session: ModelSession) => LoadedModel): LoadedKit {
  const { fieldUm } = fieldGeometry(loaded);
  return {
    segmenter: summarise(loaded.segmenter),
    encoder: summarise(loaded.encoder),
    head: summarise(loaded.head),
    types: loaded.segmenter.manifest.segmenter.types,
    target: loaded.head.manifest.head,
    fieldUm,
    tokenUm: fieldUm / loaded.encoder.manifest.encoder.grid[1],
  };
}
