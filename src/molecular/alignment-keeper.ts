/** The one alignment that a worker keeps: prompts and measured spots ask the same. */
import { CytolensError } from '../core/errors.ts';
import type { ModelFolder } from '../model/folder.ts';
import type { AlignmentManifest } from '../model/manifest.ts';
import type { ModelSession } from '../model/session.ts';
import type { LocalFile } from '../slide/slide.ts';
import { type Alignment, readAlignment } from './alignment.ts';
import { GeneNames } from './gene-names.ts';
import { buildLibrary, type OwnLibrary } from './own/build.ts';
import { keepLibrary, keptLibrary } from './own/keep.ts';

/** Where alignments come from. */
export interface AlignmentAccess {
  /** The one that reads the tokens of the encoder in use; null when there is none. */
  alignmentFolder(): ModelFolder<AlignmentManifest> | null;
  /** Start it; the caller releases it. Throws `model`, `parity`. */
  openAlignment(
    folder: ModelFolder<AlignmentManifest>,
    signal?: AbortSignal,
  ): Promise<ModelSession<AlignmentManifest>>;
}

/** What a question is asked of. */
export interface AlignmentNow extends Alignment {
  /** The library of the user's own that takes the place of the prototypes; null for none. */
  own: OwnLibrary['facts'] | null;
}

interface Started {
  folder: ModelFolder<AlignmentManifest>;
  opening: Promise<Alignment>;
  /** With the library of the user's own; made anew when that changes. */
  now: AlignmentNow | null;
}

/** The alignment in use, started when first asked for; another encoder's takes its place. */
export class AlignmentKeeper {
  private started: Started | null = null;
  /** Libraries of the user's own by the model that embedded them; null where there is none. */
  private readonly own = new Map<string, OwnLibrary | null>();

  constructor(private readonly access: AlignmentAccess) {}

  /** Null when no alignment reads the tokens of the encoder in use. */
  async now(signal: AbortSignal): Promise<AlignmentNow | null> {
    const folder = this.access.alignmentFolder();
    if (this.started && this.started.folder !== folder) this.release();
    if (!folder) return null;
    this.started ??= { folder, opening: this.open(folder, signal), now: null };
    const { started } = this;
    try {
      const alignment = await started.opening;
      started.now ??= withLibrary(alignment, this.own.get(folder.manifestSha256) ?? null);
      return started.now;
    } catch (error) {
      // The next question tries again.
      if (this.started === started) this.started = null;
      throw error;
    }
  }

  /**
   * Embed the samples of `files` and let soft-kNN answer from them. `names` are further names of
   * genes -> symbol. Throws what `buildLibrary` throws, and `model` for an alignment without a
   * network for expression; the former library stays then.
   */
  async readLibrary(
    files: readonly LocalFile[],
    names: ReadonlyMap<string, string>,
    options: { signal: AbortSignal; onProgress: (share: number) => void },
  ): Promise<OwnLibrary['facts']> {
    const alignment = await this.now(options.signal);
    const folder = this.started?.folder;
    const described = folder?.manifest.alignment.expression;
    if (!alignment || !folder || !described) throw new CytolensError('model', NO_NETWORK);
    const { files: networks, parity } = described;
    // The network is one of the same folder, checked and started like any other.
    const manifest = { ...folder.manifest, files: networks, parity };
    const session = await this.access.openAlignment({ ...folder, manifest }, options.signal);
    try {
      const { symbols } = alignment.names;
      const encode = async (data: Float32Array, rows: number) => {
        const expression = { dims: [rows, symbols.length], data };
        return (await session.run({ expression }))[described.outputs.r].data;
      };
      const reader = { names: new GeneNames(symbols, names), mean: alignment.mean, encode };
      const own = await buildLibrary(files, reader, options);
      if (!(await keepLibrary(folder.manifestSha256, own))) {
        own.facts.notes.push('Too large to be kept in the browser: it goes with this page.');
      }
      this.use(folder, own);
      return own.facts;
    } finally {
      await session.release();
    }
  }

  /** Let soft-kNN answer from the model's own prototypes again. */
  async dropLibrary(): Promise<void> {
    const folder = this.access.alignmentFolder();
    if (!folder) return;
    this.use(folder, null);
    await keepLibrary(folder.manifestSha256, null);
  }

  /** Give the session back; the next question starts it again. */
  release(): void {
    this.started?.opening.then(
      ({ session }) => session.release(),
      () => undefined,
    );
    this.started = null;
  }

  private use(folder: ModelFolder<AlignmentManifest>, own: OwnLibrary | null): void {
    this.own.set(folder.manifestSha256, own);
    if (this.started?.folder === folder) this.started.now = null;
  }

  private async open(
    folder: ModelFolder<AlignmentManifest>,
    signal: AbortSignal,
  ): Promise<Alignment> {
    const session = await this.access.openAlignment(folder, signal);
    try {
      const model = folder.manifestSha256;
      if (!this.own.has(model)) this.own.set(model, await keptLibrary(model));
      return await readAlignment(folder, session, signal);
    } catch (error) {
      await session.release();
      throw error;
    }
  }
}

const NO_NETWORK =
  'The model in use brings no network for expression, so no library of your own can be asked.';

function withLibrary(alignment: Alignment, own: OwnLibrary | null): AlignmentNow {
  if (!own) return { ...alignment, own: null };
  return { ...alignment, library: own.library, libraryRanks: own.ranks, own: own.facts };
}
