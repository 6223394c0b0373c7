/** The worker's side of molecular.ts, and what it keeps between prompts. */
import type { Analysed } from '../analysis/explain.worker.ts';
import type { Ledger } from '../analysis/ledger.ts';
import { CytolensError, isCytolensError } from '../core/errors.ts';
import { meanInterval } from '../core/random.ts';
import { type Handlers, inSteps, Transfer } from '../core/rpc.ts';
import type { Alignment } from './alignment.ts';
import type { AlignmentKeeper, AlignmentNow } from './alignment-keeper.ts';
import { drivingGenes, patientShares, type RowScores, scoreRows } from './answer.ts';
import { FieldRows, type KeptFields } from './fields.ts';
import type { AlignmentInfo, MolecularApi, PromptAnswer, SlideScore } from './molecular.ts';

/** What is analysed; null before that. */
type AnalysedNow = () => Analysed | null;

export function molecularCalls(
  analysedNow: AnalysedNow,
  keeper: AlignmentKeeper,
): Handlers<MolecularApi> {
  const keptOf = new WeakMap<Ledger, { session: Alignment['session']; rows: FieldRows }>();

  function rowsOf({ ledger, source, kit }: Analysed, alignment: Alignment): FieldRows {
    const known = keptOf.get(ledger);
    if (known?.session === alignment.session) return known.rows;
    const [down, across] = kit.encoder.manifest.encoder.grid;
    const rows = new FieldRows(ledger, source, down * across);
    keptOf.set(ledger, { session: alignment.session, rows });
    return rows;
  }

  return {
    async alignmentInfo(_, { signal }) {
      const alignment = await keeper.now(signal);
      return alignment && infoOf(alignment);
    },

    async promptFields({ places }, { signal, progress }) {
      const start = performance.now();
      const analysed = analysedNow();
      if (!analysed) {
        throw new CytolensError('no-tissue', 'Nothing is analysed yet. Analyse a view first.');
      }
      const alignment = await keeper.now(signal);
      if (!alignment) throw new CytolensError('model', NO_ALIGNMENT);
      try {
        const told = (done: number, total: number) => progress({ done, total });
        const kept = await rowsOf(analysed, alignment).now(alignment, told, signal);
        if (!kept) throw new CytolensError('no-tissue', TOKENS_GONE);
        const answer = answerOf(alignment, kept, places, analysed.ledger.fields.length);
        answer.ms = performance.now() - start;
        const { fields, x, y, rows } = answer;
        const buffers = [fields, x, y, ...Object.values(rows)].map((column) => column.buffer);
        return new Transfer(answer, buffers as ArrayBuffer[]);
      } catch (error) {
        // A session that stopped is started again by the next question.
        if (isCytolensError(error, 'model')) keeper.release();
        throw error;
      }
    },

    readLibrary: ({ files, names }, { signal, progress }) =>
      keeper.readLibrary(files, names, { signal, onProgress: inSteps(progress) }),

    async dropLibrary() {
      await keeper.dropLibrary();
      return null;
    },
  };
}

const NO_ALIGNMENT =
  'No model here reads the tokens of the encoder in use for gene sets. Choose a head of the built-in encoder, or add an alignment for this one.';
const TOKENS_GONE =
  'The tokens of the analysed fields are no longer kept, so they cannot be asked. Analyse a view again.';

function infoOf({ session, names, spectrum, own }: AlignmentNow): AlignmentInfo {
  const { trained, tested, tissue, note, far, library, knn } = session.manifest.alignment;
  const { prototypes, spots, patients } = library;
  return {
    status: session.status,
    symbols: [...names.symbols],
    trained,
    tested,
    tissue,
    note,
    far,
    library: { prototypes, spots, patients, k: knn.k },
    ownLibrary: own,
    spectrum,
  };
}

function answerOf(
  alignment: AlignmentNow,
  kept: KeptFields,
  places: Uint32Array,
  of: number,
): PromptAnswer {
  const rows: RowScores = scoreRows(alignment, kept, places);
  const { far } = alignment.session.manifest.alignment;
  const { symbols } = alignment.names;
  const { fields } = kept;
  return {
    fields: Uint32Array.from(fields, ({ id }) => id),
    x: Float32Array.from(fields, ({ grid }) => grid.x),
    y: Float32Array.from(fields, ({ grid }) => grid.y),
    side: fields[0].grid.side * fields[0].grid.cols,
    rows,
    predictor: slideScore(rows.predictor),
    knn: slideScore(rows.knn),
    effective: meanOf(rows.effective),
    nearest: meanOf(rows.nearest),
    spread: meanOf(rows.spread),
    far: rows.nearest.filter((similarity) => similarity < far).length / kept.rows,
    driving: drivingGenes(alignment, kept, places).map(({ place, drop }) => ({
      symbol: symbols[place],
      drop,
    })),
    patients: patientShares(alignment, kept),
    library: alignment.own?.name ?? null,
    of,
    ms: 0,
  };
}

function slideScore(values: Float32Array): SlideScore {
  return { mean: meanOf(values), interval: meanInterval(values) };
}

function meanOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
