/** Commands for a library of the user's own, which soft-kNN then answers from. */
import { CytolensError, toCytolensError } from '../../core/errors.ts';
import type { LibraryFacts } from '../../molecular/own/facts.ts';
import type { LocalFile } from '../../slide/slide.ts';
import { getState } from '../state.ts';
import type { Workbench } from '../workbench.ts';
import { type Prompting, setMolecular } from './prompting.ts';

export class OwnLibrary {
  private running: AbortController | null = null;

  constructor(
    private readonly bench: Workbench,
    private readonly prompting: Prompting,
    /** Answers on screen were given from another library. */
    private readonly onChange: () => void,
  ) {}

  /**
   * Read counts (CSV, TSV, Parquet, MatrixMarket) and answer from their samples. Throws `format`,
   * `unsupported`, `truncated`, `too-large`, `model`, `cancelled`; the former library stays then.
   */
  async load(files: readonly LocalFile[], signal?: AbortSignal): Promise<LibraryFacts> {
    await this.prompting.begin();
    this.running?.abort();
    const abort = new AbortController();
    this.running = abort;
    signal?.addEventListener('abort', () => abort.abort(), { once: true });
    setMolecular({ reading: 0, notRead: null });
    try {
      const facts = await this.bench.engine.call(
        'readLibrary',
        { files: [...files], names: this.prompting.namesBeside },
        { signal: abort.signal, onProgress: (share) => setMolecular({ reading: share }) },
      );
      this.now(facts);
      return facts;
    } finally {
      if (this.running === abort) setMolecular({ reading: null });
    }
  }

  /** As `load`, for a person: the sentence of an error stands in the panel. */
  async loadShown(files: readonly LocalFile[]): Promise<void> {
    try {
      await this.load(files);
    } catch (error) {
      const { tag, message } = toCytolensError(error);
      if (tag !== 'cancelled') setMolecular({ notRead: message });
    }
  }

  /** Answer from the model's prototypes again, and forget the library. */
  async drop(): Promise<void> {
    await this.bench.engine.call('dropLibrary', null);
    this.now(null);
  }

  cancel(): void {
    this.running?.abort();
  }

  private now(ownLibrary: LibraryFacts | null): void {
    const { alignment } = getState().molecular;
    if (!alignment) throw new CytolensError('model', 'The molecular model is not started yet.');
    setMolecular({ alignment: { ...alignment, ownLibrary } });
    this.onChange();
  }
}
