/** Keyboard: which shortcut a key press is. */
import type { Commands } from './commands.ts';
import { keepsKey } from './focus.ts';
import { HeldKeys } from './opening/held-keys.ts';
import { SHORTCUTS } from './shortcuts.ts';
import { getState } from './state.ts';

/** Listen on the page; returns how to stop. Typing in a field or a dialog is left alone. */
export function bindKeys(commands: Commands): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const held = new HeldKeys();
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (getState().dialog || keepsKey(event.target as Element, event.key)) return;
      if (event.key === ' ') {
        event.preventDefault();
        commands.bench.holdOverlay(true);
        return;
      }
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const shortcut = SHORTCUTS.find((s) => s.keys.includes(key));
      if (!shortcut) return;
      event.preventDefault();
      if (shortcut.waits) held.run(() => shortcut.run(commands, key));
      else shortcut.run(commands, key);
    },
    { signal },
  );
  document.addEventListener(
    'keyup',
    (event) => {
      if (event.key === ' ') commands.bench.holdOverlay(false);
    },
    { signal },
  );
  // A hand on the mouse does not want the last button or slider to swallow its next key.
  document.addEventListener(
    'pointerup',
    () => {
      const { activeElement } = document;
      if (getState().dialog || !(activeElement instanceof HTMLElement)) return;
      if (activeElement.matches('button, input[type="range"]')) activeElement.blur();
    },
    { signal },
  );
  return () => {
    abort.abort();
    held.destroy();
  };
}
