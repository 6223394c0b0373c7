/** When annotations are written and read: soon after a change, and at once before the page goes. */
import { toCytolensError } from '../../core/errors.ts';
import { setState } from '../state.ts';
import { AnnotationStore, type Kept } from './store.ts';

/** Written so long after the last change, ms; longer for lists that take long to copy. */
const SOON_MS = 300;
const PER_ANNOTATION_MS = 0.01;

export class Keeping {
  private readonly store = new AnnotationStore((slideId) => void this.otherTab(slideId));
  private readonly leaving = new AbortController();
  private slideId: string | null = null;
  private waiting: { slideId: string; kept: Kept; timer: number } | null = null;

  /** `onKept` is given what was kept of the slide that is shown, on opening and by other tabs. */
  constructor(private readonly onKept: (kept: Kept) => void) {
    const { signal } = this.leaving;
    const flush = () => void this.flush();
    window.addEventListener('pagehide', flush, { signal });
    document.addEventListener('visibilitychange', flush, { signal });
  }

  /** Whether something is yet to be written. */
  get unsaved(): boolean {
    return this.waiting !== null;
  }

  /** Another slide is shown: write what is left of the former one, read what is kept of this. */
  async show(slideId: string | null): Promise<void> {
    await this.flush();
    this.slideId = slideId;
    if (slideId !== null) await this.read(slideId);
  }

  /** Write this in a moment; a later state takes its place. */
  keep(slideId: string, kept: Kept): void {
    if (this.waiting) clearTimeout(this.waiting.timer);
    const ms = SOON_MS + kept.annotations.length * PER_ANNOTATION_MS;
    this.waiting = { slideId, kept, timer: window.setTimeout(() => void this.flush(), ms) };
  }

  close(): void {
    void this.flush().finally(() => this.store.close());
    this.leaving.abort();
  }

  private async flush(): Promise<void> {
    const { waiting } = this;
    if (!waiting) return;
    this.waiting = null;
    clearTimeout(waiting.timer);
    try {
      await this.store.write(waiting.slideId, waiting.kept);
      say(null);
    } catch (error) {
      say(toCytolensError(error).message);
    }
  }

  private async read(slideId: string): Promise<boolean> {
    try {
      const kept = await this.store.read(slideId);
      if (this.slideId !== slideId) return false;
      if (kept) this.onKept(kept);
      say(null);
      return kept !== null;
    } catch (error) {
      say(toCytolensError(error).message);
      return false;
    }
  }

  /** The last to write wins: what another tab wrote is shown, unless this one is about to write. */
  private async otherTab(slideId: string): Promise<void> {
    if (slideId !== this.slideId) return;
    const own = this.unsaved;
    if (!own && !(await this.read(slideId))) return;
    const message = own
      ? 'Another tab changed the annotations of this slide too. Those of this tab are kept.'
      : 'Another tab changed the annotations of this slide. They are shown here now.';
    setState({ notice: { tone: 'info', message, detail: '' } });
  }
}

function say(notKept: string | null): void {
  setState(({ annotate }) =>
    annotate.notKept === notKept ? {} : { annotate: { ...annotate, notKept } },
  );
}
