/**
 * The account of the open slide: started, stopped, gone on with, kept on disk and read back. One
 * account at a time; a new one replaces what was in memory.
 */
import { askAgain, type TokenSource } from '../analysis/heads.ts';
import { type FurtherLane, openLane } from '../analysis/lane.client.ts';
import { laneOf } from '../analysis/lane.ts';
import type { FieldTokens, LedgerField } from '../analysis/ledger.ts';
import type { TissueMask } from '../analysis/mask.ts';
import {
  type FieldUpdate,
  type Job,
  planMask,
  planRegion,
  relativeWeights,
  runJob,
} from '../analysis/pipeline.ts';
import { askedOf, defaultPooling, type Pooling, scoreOf } from '../analysis/score.ts';
import { type CellTable, sliceCells } from '../core/cells.ts';
import { CytolensError, throwIfAborted } from '../core/errors.ts';
import { pause } from '../core/tasks.ts';
import type { Kit } from '../model/kit.ts';
import type { Slide, SlideSource } from '../slide/slide.ts';
import type { ResultReader } from '../store/results/reader.ts';
import type { ResultWriter } from '../store/results/writer.ts';
import { type Disk, pathOf } from './disk.ts';
import type { PooledScore, RestoredRun, RunResult, Scope } from './engine.ts';
import { headOf, jobOfResults, newIndex, type Restored, takeStored } from './kept.ts';

interface Account {
  job: Job;
  /** The encoder its tokens come from. */
  encoder: Kit['encoder']['manifest'];
  mask: TissueMask | null;
  /** Where it lies among the kept results; null when it does not. */
  path: string | null;
  /** Null when nothing is written: a region, another tab's run, or a browser without storage. */
  writer: ResultWriter | null;
  /** Where tokens beyond the memory's budget are read. */
  reader: ResultReader | null;
  notKept: string | null;
}

type Ran = Omit<RunResult, 'kit'>;
type OnField = (update: FieldUpdate) => void;

/** Fewer fields are done before another lane would have started its models. */
const LANE_FIELDS = 12;
/** Lanes at most, the first one included: each holds its own models, some 200 MB. */
const MOST_LANES = 4;
/** How often a watching tab looks for new fields, ms. */
const WATCH_EVERY_MS = 1000;

export class Runs {
  private account: Account | null = null;
  private pooling: Pooling = 'mean';
  private further: { encoder: Kit['encoder']; lanes: Promise<FurtherLane>[] } | null = null;

  constructor(
    private readonly slide: Slide,
    private readonly source: SlideSource,
    private readonly disk: Disk,
    /** Absolute URL of the app's root; null when no further lane is wanted. */
    private readonly lanesFrom: string | null,
  ) {}

  /** The account, its fields' side and where its tokens are; null when there is none of this kit's encoder. */
  analysed(kit: Kit) {
    const { account } = this;
    if (account?.encoder !== kit.encoder.manifest || account.job.ledger.fields.length === 0)
      return null;
    const { ledger, side } = account.job;
    return { ledger, side, kit, source: this.tokens };
  }

  /** Analyse anew; a call that is aborted can be gone on with. Throws like `runJob`, and `busy`. */
  async analyse(
    kit: Kit,
    scope: Scope,
    mpp: number,
    onField: OnField,
    signal: AbortSignal,
  ): Promise<Ran> {
    this.forget();
    this.pooling = defaultPooling(kit);
    const encoder = kit.encoder.manifest;
    if (scope.kind === 'region') {
      const { region, fine } = scope;
      const job = await planRegion(this.slide, mpp, kit, region, signal, fine);
      const none = { mask: null, path: null, writer: null, reader: null, notKept: null };
      this.account = { job, encoder, ...none };
    } else {
      const { mask, view, keep = true } = scope;
      const job = planMask(mask, mpp, kit, view);
      if (!keep) {
        this.account = {
          job,
          encoder,
          mask,
          path: null,
          writer: null,
          reader: null,
          notKept: null,
        };
        return this.goOn(kit, onField, signal);
      }
      const index = newIndex(this.slide.info, kit, job, mask);
      const { writer, notKept } = await this.disk.create(this.slide.info.id, kit, mpp, index);
      const reader = writer?.reader ?? null;
      const path = writer && pathOf(this.slide.info.id, kit, mpp);
      this.account = { job, encoder, mask, path, writer, reader, notKept };
    }
    return this.goOn(kit, onField, signal);
  }

  /** Go on with what was stopped or restored. Throws `internal` when there is nothing. */
  async goOn(kit: Kit, onField: OnField, signal: AbortSignal): Promise<Ran> {
    const account = this.current();
    const { job, writer } = account;
    const start = performance.now();
    const left = job.places.length - job.at;
    const further = left >= LANE_FIELDS && !job.fine ? this.furtherLanes(kit, job.mpp) : [];
    const lanes = {
      first: laneOf(this.slide, job.mpp, kit, job.fine),
      further,
    };
    const keep = writer
      ? (field: LedgerField, cells: CellTable, tokens: FieldTokens | null) => {
          writer.add({ ...field, cells, tokens });
          // They can be read back from there.
          field.tokens = null;
        }
      : undefined;
    if (keep) catchUp(job, writer?.reader.count ?? 0, keep);
    const score = await runJob(job, lanes, kit, this.pooling, { onField, keep }, signal);
    await writer?.update({ state: 'done' });
    return {
      score,
      skipped: job.skipped,
      blurred: job.blurred,
      modelMs: job.modelMs,
      ms: performance.now() - start,
      notKept: account.notKept,
    };
  }

  /**
   * Read back what is kept of this slide by these models; null when there is nothing. Throws
   * `cancelled` and `format`.
   */
  async restore(
    kit: Kit,
    mpp: number,
    onField: OnField,
    signal: AbortSignal,
  ): Promise<RestoredRun | null> {
    const path = pathOf(this.slide.info.id, kit, mpp);
    // Files can be written from one place alone, and these may be open here.
    if (this.account?.path === path) this.forget();
    const found = await this.disk.find(this.slide.info.id, kit, mpp, signal);
    if (!found) return null;
    this.forget();
    return this.take(kit, found.reader, found.writer, path, onField, signal);
  }

  /** Show results that someone sent; they must be of this slide. Throws `format`, `model`. */
  async open(
    kit: Kit,
    reader: ResultReader,
    onField: OnField,
    signal: AbortSignal,
  ): Promise<RestoredRun> {
    this.check(kit, reader);
    this.forget();
    return this.take(kit, reader, null, null, onField, signal);
  }

  /** Follow another tab's run until it ends or the signal fires; `onField` gets what it adds. */
  async watch(kit: Kit, onField: OnField, signal: AbortSignal): Promise<PooledScore | null> {
    const { job, mask, reader, writer } = this.current();
    if (!reader || writer) return null;
    const restored: Restored = { job, mask, answered: true };
    while (reader.index.state === 'running') {
      await pause(WATCH_EVERY_MS);
      throwIfAborted(signal);
      const more = await reader.refresh(signal);
      if (more === 0 && reader.index.state === 'running') continue;
      await takeStored(restored, reader, kit, onField, signal);
    }
    return this.score(kit);
  }

  /**
   * What the kit's head says of every field, asked anew; null when some tokens are not kept. The
   * answers are kept beside the earlier ones.
   */
  async askAgain(kit: Kit, signal: AbortSignal) {
    const analysed = this.analysed(kit);
    if (!analysed) return null;
    const { ledger, source } = analysed;
    if (!(await askAgain(ledger, kit, source, signal))) return null;
    const { writer } = this.current();
    if (writer) {
      await writer.setHead(headOf(kit));
      ledger.fields.forEach((field, i) => {
        writer.answer(i, field);
      });
    }
    this.pooling = defaultPooling(kit);
    const { attention, contribution, count } = ledger.cells;
    return {
      ...this.score(kit),
      attention: attention.slice(0, count),
      contribution: contribution.slice(0, count),
    };
  }

  /** Weigh fields alike, or by attention. Null when nothing is analysed. */
  pool(kit: Kit, pooling: Pooling): PooledScore | null {
    this.pooling = pooling;
    return this.analysed(kit) ? this.score(kit) : null;
  }

  /**
   * These results, or all (null), are about to be removed: what is in memory stays, what lies on
   * disk is let go.
   */
  release(path: string | null): void {
    const { account } = this;
    if (!account || (path !== null && account.path !== path)) return;
    account.writer?.close();
    Object.assign(account, { path: null, writer: null, reader: null });
  }

  /** Let go of the account, its files and its lanes. */
  close(): void {
    this.forget();
    this.dropLanes();
  }

  private readonly tokens: TokenSource = async (field) =>
    field.tokens ?? (await this.account?.reader?.tokensOf(field.id)) ?? null;

  private current(): Account {
    if (this.account) return this.account;
    throw new CytolensError('internal', 'There is no analysis to go on with.');
  }

  private score(kit: Kit): PooledScore {
    const { ledger } = this.current().job;
    return {
      score: scoreOf(ledger.fields, ledger.cells, askedOf(kit, this.pooling)),
      weights: relativeWeights(ledger, this.pooling),
    };
  }

  private async take(
    kit: Kit,
    reader: ResultReader,
    writer: ResultWriter | null,
    path: string | null,
    onField: OnField,
    signal: AbortSignal,
  ): Promise<RestoredRun> {
    const restored = jobOfResults(reader, kit);
    const { job, mask } = restored;
    this.pooling = defaultPooling(kit);
    this.account = {
      job,
      encoder: kit.encoder.manifest,
      mask,
      path,
      writer,
      reader,
      notKept: null,
    };
    await takeStored(restored, reader, kit, onField, signal);
    const asked = restored.answered ? null : await this.askAgain(kit, signal);
    return {
      done: job.at,
      total: job.places.length,
      blurred: job.blurred,
      finished: reader.index.state === 'done',
      watching: writer === null && reader.index.state === 'running',
      mask,
      pooled: job.ledger.fields.length > 0 ? this.score(kit) : null,
      evidence: asked && { attention: asked.attention, contribution: asked.contribution },
    };
  }

  /** Results can only lie over the pixels and the tokens they come from. */
  private check(kit: Kit, { index }: ResultReader): void {
    if (index.slide.id !== this.slide.info.id) {
      throw new CytolensError(
        'format',
        `These results are of another slide, "${index.slide.name}". Open that slide first.`,
        `${index.slide.id} is not ${this.slide.info.id}`,
      );
    }
    const { tokens } = kit.encoder.manifest.encoder;
    if (index.tokens.layout !== tokens) {
      throw new CytolensError(
        'model',
        'These results were made with another encoder. Choose a head of that encoder first.',
        `${index.tokens.layout} is not ${tokens}`,
      );
    }
  }

  private forget(): void {
    this.account?.writer?.close();
    this.account = null;
  }

  /** A lane for each further core, started once for a slide and an encoder of the viewer's own. */
  private furtherLanes(kit: Kit, mpp: number): Promise<FurtherLane>[] {
    const { lanesFrom } = this;
    const onWasm = [kit.segmenter, kit.encoder].every(({ status }) => status.provider === 'wasm');
    if (!lanesFrom || !onWasm) return [];
    if (this.further?.encoder !== kit.encoder) {
      this.dropLanes();
      const count = Math.min(navigator.hardwareConcurrency, MOST_LANES) - 1;
      const lanes = Array.from({ length: count }, () => openLane(lanesFrom, kit, this.source, mpp));
      for (const lane of lanes) lane.catch(() => undefined);
      this.further = { encoder: kit.encoder, lanes };
    }
    return this.further.lanes;
  }

  private dropLanes(): void {
    for (const opening of this.further?.lanes ?? []) {
      opening.then(
        (lane) => lane.close(),
        () => undefined,
      );
    }
    this.further = null;
  }
}

/** Keep the fields that could not be kept when they were done: the storage was full. */
function catchUp(
  { ledger }: Job,
  from: number,
  keep: (field: LedgerField, cells: CellTable, tokens: FieldTokens | null) => void,
): void {
  for (const field of ledger.fields.slice(from)) {
    const { first, count, tokens } = field;
    keep(field, sliceCells(ledger.cells, first, first + count), tokens);
  }
}
