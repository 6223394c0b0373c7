/** Undo and redo over immutable states. */

/** Steps that can be taken back. */
export const MOST_STEPS = 200;
/** References over all states kept, 8 bytes each: long lists are kept for fewer steps. */
const MOST_REFERENCES = 4_000_000;

/** A list that changes as a whole; states share the items that did not change. */
export class History<T> {
  private past: (readonly T[])[] = [];
  private future: (readonly T[])[] = [];

  constructor(private state: readonly T[] = []) {}

  get present(): readonly T[] {
    return this.state;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** A new state; what was undone can no longer be redone. */
  push(state: readonly T[]): void {
    if (state === this.state) return;
    this.past.push(this.state);
    this.state = state;
    this.future = [];
    const fits = Math.floor(MOST_REFERENCES / Math.max(1, state.length));
    const kept = Math.max(1, Math.min(MOST_STEPS, fits));
    if (this.past.length > kept) this.past = this.past.slice(-kept);
  }

  undo(): void {
    const before = this.past.pop();
    if (!before) return;
    this.future.push(this.state);
    this.state = before;
  }

  redo(): void {
    const after = this.future.pop();
    if (!after) return;
    this.past.push(this.state);
    this.state = after;
  }

  /** Begin anew with a state that was not made here: a file, another slide. */
  reset(state: readonly T[]): void {
    this.state = state;
    this.past = [];
    this.future = [];
  }
}
