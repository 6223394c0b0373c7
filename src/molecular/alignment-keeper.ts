/** The one alignment that a worker keeps: prompts and measured spots ask the same. */
import type { ModelFolder } from '../model/folder.ts';
import type { AlignmentManifest } from '../model/manifest.ts';
import type { ModelSession } from '../model/session.ts';
import { type Alignment, readAlignment } from './alignment.ts';

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

/** The alignment in use, started when first asked for; another encoder's takes its place. */
export class AlignmentKeeper {
  private started: { folder: ModelFolder<AlignmentManifest>; opening: Promise<Alignment> } | null =
    null;

  constructor(private readonly access: AlignmentAccess) {}

  /** Null when no alignment reads the tokens of the encoder in use. */
  async now(signal: AbortSignal): Promise<Alignment | null> {
    const folder = this.access.alignmentFolder();
    if (this.started && this.started.folder !== folder) this.release();
    if (!folder) return null;
    this.started ??= { folder, opening: this.open(folder, signal) };
    const { started } = this;
    try {
      return await started.opening;
    } catch (error) {
      // The next question tries again.
      if (this.started === started) this.started = null;
      throw error;
    }
  }

  /** Give the session back; the next question starts it again. */
  release(): void {
    this.started?.opening.then(
      ({ session }) => session.release(),
      () => undefined,
    );
    this.started = null;
  }

  private async open(
    folder: ModelFolder<AlignmentManifest>,
    signal: AbortSignal,
  ): Promise<Alignment> {
    const session = await this.access.openAlignment(folder, signal);
    try {
      return await readAlignment(folder, session, signal);
    } catch (error) {
      await session.release();
      throw error;
    }
  }
}
