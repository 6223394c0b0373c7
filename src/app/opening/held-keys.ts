/** Keys that act on the slide while one is being opened: they wait for it. */
import { type AppState, getState, useApp } from '../state.ts';

export class HeldKeys {
  private waiting: (() => void)[] = [];
  /** The slide that was shown before the one that is being opened. */
  private former: AppState['slide'] = null;
  private readonly unsubscribe = useApp.subscribe((now, before) => this.follow(now, before));

  /** Do it now; while a slide is being opened, once it is there. If it cannot be opened: never. */
  run(command: () => void): void {
    const { slide, opening } = getState();
    if (slide && opening === null) command();
    else this.waiting.push(command);
  }

  destroy(): void {
    this.unsubscribe();
    this.waiting = [];
  }

  private follow(now: AppState, before: AppState): void {
    if (before.opening === now.opening) return;
    if (before.opening === null) this.former = before.slide;
    if (now.opening !== null) return;
    const due = this.waiting;
    this.waiting = [];
    if (now.slide !== this.former) for (const command of due) command();
  }
}
