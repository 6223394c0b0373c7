/** Commands that ask how far the prediction on screen can be trusted. */
import type {
  AuditProgress,
  Familiarity,
  Family,
  FieldOfView,
  FieldStress,
} from '../../audit/audit.ts';
import { toCytolensError } from '../../core/errors.ts';
import type { Point } from '../../core/geometry.ts';
import type { RgbaImage } from '../../slide/slide.ts';
import { type AppState, getState, report, setState, useApp } from '../state.ts';
import type { Workbench } from '../workbench.ts';
import type { TrustFound } from './state.ts';
import { hatchWanted } from './unfamiliar.ts';

export interface StressOptions {
  /** Looks done, of how many. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export class Trusting {
  /** The pictures of the stressed field on screen. */
  private pictures: { original: RgbaImage; worst: Map<Family, RgbaImage> } | null = null;
  /** How familiar each analysed field is; null when that is not known. */
  familiarity: Familiarity | null = null;
  private asking: AbortController | null = null;
  private counting = false;
  private readonly stop: () => void;

  constructor(private readonly bench: Workbench) {
    this.stop = useApp.subscribe((state, before) => this.follow(state, before));
  }

  destroy(): void {
    this.stop();
    this.asking?.abort();
  }

  /**
   * The analysed field nearest to `at` (level-0 px) under stress; null: to the selected cell, else to
   * the middle of the view. Throws `no-tissue`, `model`, `cancelled`.
   */
  async stress(at: Point | null = null, options: StressOptions = {}): Promise<FieldStress> {
    return this.bench.engine.call('stress', { at: at ?? this.place() }, callOptions(options));
  }

  /** The region around such a field in fields of three sizes. Throws alike. */
  async fieldOfView(at: Point | null = null, options: StressOptions = {}): Promise<FieldOfView> {
    return this.bench.engine.call('fieldOfView', { at: at ?? this.place() }, callOptions(options));
  }

  /** For the panel: stress a field and show what came of it. */
  async showStress(): Promise<void> {
    await this.ask('stress', async (options) => this.show(await this.stress(null, options)));
  }

  /** For the panel: the same tissue in fields of three sizes. */
  async showFieldOfView(): Promise<void> {
    await this.ask('field of view', async (options) => ({
      fieldOfView: await this.fieldOfView(null, options),
    }));
  }

  cancel(): void {
    this.asking?.abort();
  }

  /** The stressed field as it is (null), or in the look of a family that moved the score most. */
  pictureOf(family: Family | null): RgbaImage | null {
    if (!family) return this.pictures?.original ?? null;
    return this.pictures?.worst.get(family) ?? null;
  }

  showUnfamiliar(shown: boolean): void {
    setState({ unfamiliarShown: shown });
    if (shown) void this.count();
  }

  /** Ask one long question; its answer is dropped when the cells are gone by then. */
  private async ask(
    task: NonNullable<TrustFound['trusting']>['task'],
    question: (options: StressOptions) => Promise<Partial<TrustFound>>,
  ): Promise<void> {
    this.asking?.abort();
    const abort = new AbortController();
    this.asking = abort;
    setState({ trusting: { task, done: 0, total: 0 } });
    try {
      const answer = await question({
        signal: abort.signal,
        onProgress: (done, total) => setState({ trusting: { task, done, total } }),
      });
      if (!abort.signal.aborted) setState(answer);
    } catch (error) {
      report(toCytolensError(error));
    } finally {
      if (this.asking === abort) setState({ trusting: null });
    }
  }

  private show({ picture, families, ...rest }: FieldStress): Partial<TrustFound> {
    this.pictures = {
      original: picture,
      worst: new Map(families.map((one) => [one.family, one.picture])),
    };
    return { stress: { ...rest, families: families.map(({ picture: _, ...one }) => one) } };
  }

  private place(): Point {
    const { selection } = getState();
    const { cells, viewer } = this.bench;
    if (selection) return { x: cells.x[selection.index], y: cells.y[selection.index] };
    const { x, y, w, h } = viewer.view();
    return { x: x + w / 2, y: y + h / 2 };
  }

  private follow(state: AppState, before: AppState): void {
    if (state.slide?.info.id !== before.slide?.info.id) void this.look();
    if (!state.score && before.score) this.cancel();
    const changed = state.score !== before.score || state.run.phase !== before.run.phase;
    const wanted = state.run.phase !== 'running' || hatchWanted(state);
    if (changed && wanted) void this.count();
  }

  /** What the slide is stained with. */
  private async look(): Promise<void> {
    setState({ stain: null });
    const { slide } = getState();
    if (!slide) return;
    try {
      const stain = await this.bench.engine.call('checkStain', null);
      if (getState().slide?.info.id === slide.info.id) setState({ stain });
    } catch {
      // The viewer says what cannot be read; nothing is then said of the stain.
    }
  }

  /** Ask again how familiar the fields are; one question at a time, the last one decides. */
  private async count(): Promise<void> {
    const { score } = getState();
    if (!score) {
      this.familiarity = null;
      if (getState().familiar) setState({ familiar: null });
      return;
    }
    if (this.counting) return;
    this.counting = true;
    try {
      const said = await this.bench.engine.call('familiarity', null);
      this.familiarity = said;
      const fields = said?.percentile.length ?? 0;
      const familiar = said && {
        fields,
        unfamiliar: said.unfamiliar.reduce((sum, far) => sum + far, 0),
        median: said.percentile.slice().sort()[fields >> 1] ?? Number.NaN,
      };
      setState({ familiar });
    } catch (error) {
      report(toCytolensError(error));
    } finally {
      this.counting = false;
    }
    if (getState().score !== score) await this.count();
  }
}

function callOptions({ onProgress, signal }: StressOptions) {
  return { signal, onProgress: ({ done, total }: AuditProgress) => onProgress?.(done, total) };
}
