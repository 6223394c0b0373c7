/** Keys while annotating. They come before those of the page, and only while a tool is in hand. */
import { keepsKey } from '../focus.ts';
import { getState } from '../state.ts';
import type { Annotator } from './annotator.ts';
import { TOOLS, type ToolId } from './tools.ts';

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What keys do. Those that tell whether they did anything leave the key to the page when not. */
export interface KeyActions {
  readonly annotator: Pick<Annotator, 'undo' | 'redo' | 'select' | 'selected'>;
  readonly tool: ToolId | null;
  readonly begun: boolean;
  choose(tool: ToolId | null): void;
  abandon(): void;
  arrow(x: number, y: number, far: boolean): boolean;
  enter(): boolean;
  erase(): boolean;
}

/** Listen on the page; returns how to stop. Typing in a field or a dialog is left alone. */
export function bindAnnotateKeys(annotating: KeyActions): () => void {
  const abort = new AbortController();
  const listener = (event: KeyboardEvent) => {
    if (!handles(event) || !run(annotating, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener('keydown', listener, { signal: abort.signal, capture: true });
  return () => abort.abort();
}

function handles(event: KeyboardEvent): boolean {
  const { dialog, annotate, panel } = getState();
  if (dialog || (annotate.tool === null && panel !== 'marks')) return false;
  const target = event.target as HTMLElement;
  if (keepsKey(target, event.key)) return false;
  // Enter and arrows belong to the button or tab that has the focus.
  const own = event.key === 'Enter' || event.key in ARROWS;
  return !(own && target.closest('button, a, summary, [role="tab"]'));
}

/** True when the key was ours. */
function run(annotating: KeyActions, event: KeyboardEvent): boolean {
  const { annotator } = annotating;
  const { key, shiftKey } = event;
  if (event.ctrlKey || event.metaKey) {
    const letter = key.toLowerCase();
    if (letter === 'z' && !shiftKey) annotator.undo();
    else if (letter === 'y' || letter === 'z') annotator.redo();
    else return false;
    return true;
  }
  if (annotating.tool === null || event.altKey) return false;
  const arrow = ARROWS[key];
  if (arrow) return annotating.arrow(arrow[0], arrow[1], shiftKey);
  if (key === 'Enter') return annotating.enter();
  if (key === 'Delete' || key === 'Backspace') return annotating.erase();
  if (key === 'Escape') {
    if (annotating.begun) annotating.abandon();
    else if (annotator.selected) annotator.select(null);
    else annotating.choose(null);
    return true;
  }
  const tool = TOOLS.find((each) => each.key === key.toLowerCase());
  if (!tool || shiftKey) return false;
  annotating.choose(tool.id);
  return true;
}
