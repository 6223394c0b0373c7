/** Calls of the encoder in an audit: several at once where it has lanes, counted, told, and timed. */
import { nextTask } from '../../core/tasks.ts';
import type { RgbaImage } from '../../slide/slide.ts';
import type { Embedder, FieldTokens } from './embedder.ts';

export type AuditStage = 'tiles' | 'turned and resized' | 'neighbours' | 'retrieval';

/** Tiles or looks done in a stage; seconds left over all stages that run the encoder. */
export interface AuditStep {
  stage: AuditStage;
  done: number;
  total: number;
  seconds: number | null;
}

/** Looks that are timed, after all others and one by one. */
const TIMED = 16;

export class Looks {
  private done = 0;
  private last: RgbaImage | undefined;
  private readonly start = performance.now();

  constructor(
    readonly embedder: Embedder,
    public planned: number,
    private readonly onProgress: (step: AuditStep) => void,
  ) {}

  /** Pictures to have under way: one is read or turned while every lane sees another. */
  get atOnce(): number {
    return this.embedder.lanes + 1;
  }

  async see(picture: RgbaImage): Promise<FieldTokens> {
    await nextTask();
    const seen = await this.embedder.embed(picture);
    this.done++;
    this.last = picture;
    return seen;
  }

  tell(stage: AuditStage, done: number, total: number): void {
    const each = (performance.now() - this.start) / 1000 / Math.max(1, this.done);
    const seconds = Math.max(0, this.planned - this.done) * each;
    this.onProgress({ stage, done, total, seconds });
  }

  /** Median time of a call while nothing else is under way, and what its tensors hold. */
  async cost(): Promise<{ ms: number; looks: number; tensorBytes: number } | null> {
    if (!this.last) return null;
    const times: number[] = [];
    while (times.length < TIMED) {
      const start = performance.now();
      await this.see(this.last);
      times.push(performance.now() - start);
    }
    const { px, dim, grid } = this.embedder.facts;
    const numbers = 3 * px * px + dim * (1 + grid[0] * grid[1]);
    const ms = times.sort((a, b) => a - b)[TIMED >> 1];
    return { ms, looks: TIMED, tensorBytes: 4 * numbers };
  }
}
