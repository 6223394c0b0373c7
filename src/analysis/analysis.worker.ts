/**
 * The analysis worker owns the model sessions, its own copy of the slide and the running
 * account. One run at a time; a new slide or run replaces what was kept.
 */
import { cellBuffers } from '../core/cells.ts';
import { CytolensError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { type CallContext, serve, Transfer } from '../core/rpc.ts';
import type { Kit } from '../model/kit.ts';
import { openSlide } from '../slide/formats.ts';
import type { Slide } from '../slide/slide.ts';
import type { AnalysisApi, Chosen, Rescored, RunResult } from './analysis.ts';
import { explainCell } from './explain.ts';
import { askAgain } from './heads.ts';
import type { Ledger } from './ledger.ts';
import { Models } from './models.ts';
import { type FieldUpdate, planRegion, runPlan } from './pipeline.ts';
import { askedOf, scoreOf } from './score.ts';

let models: Models | undefined;
let slide: Slide | undefined;
/** The account kept, and the encoder that its tokens come from. */
let account: { ledger: Ledger; encoder: Kit['encoder'] } | undefined;
/** Settled when the sessions are free. */
let running: Promise<unknown> = Promise.resolve();

serve<AnalysisApi>(
  {
    async load(start, { signal, progress }) {
      models = await Models.open(start, progress, signal);
      return { kit: models.describe(), entries: models.entries() };
    },

    choose: ({ head }, { signal, progress }) =>
      alone(async () => {
        const kit = await loaded().choose(head, progress, signal);
        const rescored = await rescore(kit, signal);
        const chosen: Chosen = { kit: loaded().describe(), rescored };
        const buffers = rescored
          ? [rescored.attention.buffer as ArrayBuffer, rescored.contribution.buffer as ArrayBuffer]
          : [];
        return new Transfer(chosen, buffers);
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

    card: ({ id }, { signal }) => loaded().card(id, signal),

    async open({ source }, { signal }) {
      const opened = await openSlide(source, { signal });
      // Only now: a slide that cannot be opened must not cost the one that is.
      slide?.close();
      slide = opened;
      account = undefined;
      return null;
    },

    analyse({ region, mpp }, context) {
      const on = slide;
      if (!on) throw new CytolensError('internal', 'No slide is open.');
      // A cancelled run still finishes its field; the sessions serve one run at a time.
      return alone(() => analyse(loaded().current(), on, region, mpp, context));
    },

    explain: ({ index }) => (account ? explainCell(account.ledger, index) : null),
  },
  self,
);

function loaded(): Models {
  if (models) return models;
  throw new CytolensError('model', 'The models are still loading. Try again in a moment.');
}

/** Run `work` when nothing else uses the sessions. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  const result = running.then(work);
  running = result.catch(() => undefined);
  return result;
}

async function analyse(
  kit: Kit,
  on: Slide,
  region: Rect,
  mpp: number,
  context: CallContext,
): Promise<RunResult> {
  const start = performance.now();
  const { signal } = context;
  const plan = await planRegion(on, mpp, kit, region, signal);
  // Kept from the start: cells can be explained while the run goes on, or after a cancel.
  account = { ledger: plan.ledger, encoder: kit.encoder };
  const run = await runPlan(plan, on, kit, sender(context), signal);
  return { ...run, skipped: plan.skipped, ms: performance.now() - start };
}

/** What the kit's head says of the account; null when there is none or its tokens are not kept. */
async function rescore(kit: Kit, signal: AbortSignal): Promise<Rescored | null> {
  if (!account || account.encoder !== kit.encoder || account.ledger.fields.length === 0)
    return null;
  const { ledger } = account;
  if (!(await askAgain(ledger, kit, signal))) return null;
  const { attention, contribution, count } = ledger.cells;
  return {
    score: scoreOf(ledger.fields, ledger.cells, askedOf(kit)),
    attention: attention.slice(0, count),
    contribution: contribution.slice(0, count),
  };
}

function sender({ progress }: CallContext): (update: FieldUpdate) => void {
  return (update) => {
    const { rows, attention, contribution, purity, tokens } = update.patch;
    const patch = [rows, attention, contribution, purity, tokens].map((a) => a.buffer);
    progress(update, [...cellBuffers(update.cells), ...(patch as ArrayBuffer[])]);
  };
}
