/** Keyboard. `SHORTCUTS` is also what the help dialog lists, so the two cannot disagree. */
import { OBJECTIVES } from '../core/units.ts';
import type { Commands } from './commands.ts';
import { setLook } from './look/look.ts';
import { HeldKeys } from './opening/held-keys.ts';
import { PANE_KEYS } from './panes/keys.ts';
import { getState, setState } from './state.ts';

interface Shortcut {
  keys: string[];
  /** Shown in help. */
  label: string;
  what: string;
  /** It acts on the slide: pressed while one is being opened, it waits for it. */
  waits?: true;
  run(commands: Commands): void;
}

const move = (label: string, key: string, x: number, y: number): Shortcut => ({
  keys: [key],
  label,
  what: `Move the view ${key.slice(5).toLowerCase()}`,
  waits: true,
  run: ({ bench }) => bench.viewer.panBy(x, y),
});

const turnKey = (key: string, degrees: number, what: string): Shortcut => ({
  keys: [key],
  label: key.toUpperCase(),
  what,
  waits: true,
  run: ({ bench }) => bench.viewer.turnBy(degrees),
});

export const SHORTCUTS: readonly Shortcut[] = [
  {
    keys: ['a'],
    label: 'A',
    what: 'Analyse the tissue in view',
    waits: true,
    run: (commands) => void commands.running.analyseView(),
  },
  {
    keys: ['w'],
    label: 'W',
    what: 'Analyse the whole slide: find its tissue first',
    waits: true,
    run: (commands) => void commands.running.prepareSlide(),
  },
  {
    keys: ['Escape'],
    label: 'Esc',
    what: 'Cancel the analysis, or put the cell card away',
    run: (commands) => {
      if (getState().presenting) setState({ presenting: false });
      else if (getState().aligning) commands.panes.landmarks.stop();
      else if (getState().selection) void commands.bench.select(-1);
      else if (getState().imagePanel) setState({ imagePanel: false });
      else if (getState().tissue) commands.running.tissue.leave();
      else commands.running.cancel();
    },
  },
  {
    keys: ['c'],
    label: 'C',
    what: 'Cells on or off',
    run: ({ bench }) =>
      bench.setStyle({ mode: getState().style.mode === 'cells' ? 'off' : 'cells' }),
  },
  {
    keys: ['h'],
    label: 'H',
    what: 'Heatmap on or off',
    run: ({ bench }) =>
      bench.setStyle({ mode: getState().style.mode === 'heatmap' ? 'cells' : 'heatmap' }),
  },
  {
    keys: ['d'],
    label: 'D',
    what: 'Draw and measure: annotation tools on or off',
    waits: true,
    run: ({ annotating }) => annotating.toggle(),
  },
  ...OBJECTIVES.map(
    (objective, i): Shortcut => ({
      keys: [String(i + 1)],
      label: String(i + 1),
      what: `Magnification ${objective}x`,
      waits: true,
      run: (commands) => commands.setObjective(objective),
    }),
  ),
  {
    keys: ['+', '='],
    label: '+',
    what: 'Zoom in',
    waits: true,
    run: ({ bench }) => bench.viewer.zoomBy(1.5),
  },
  {
    keys: ['-'],
    label: '-',
    what: 'Zoom out',
    waits: true,
    run: ({ bench }) => bench.viewer.zoomBy(1 / 1.5),
  },
  {
    keys: ['0'],
    label: '0',
    what: 'Whole slide',
    waits: true,
    run: ({ bench }) => bench.viewer.home(),
  },
  move('←', 'ArrowLeft', -1, 0),
  move('→', 'ArrowRight', 1, 0),
  move('↑', 'ArrowUp', 0, -1),
  move('↓', 'ArrowDown', 0, 1),
  turnKey('[', -15, 'Turn the slide left by 15°'),
  turnKey(']', 15, 'Turn the slide right by 15°'),
  turnKey('r', 90, 'Turn the slide right by 90°'),
  {
    keys: ['f'],
    label: 'F',
    what: 'Mirror the slide, left to right',
    waits: true,
    run: ({ bench: { viewer } }) => viewer.setFlipped(!viewer.flipped()),
  },
  {
    keys: ['i'],
    label: 'I',
    what: 'Image: colours, one stain alone, turned and mirrored',
    run: () => setState(({ imagePanel }) => ({ imagePanel: !imagePanel })),
  },
  {
    keys: ['u'],
    label: 'U',
    what: 'Upright again: neither turned nor mirrored',
    waits: true,
    run: ({ bench }) => bench.viewer.setUpright(),
  },
  {
    keys: ['o'],
    label: 'O',
    what: 'Open a slide',
    run: () => setState({ dialog: { kind: 'open' } }),
  },
  {
    keys: ['PageDown'],
    label: 'PgDn',
    what: 'Next slide of the list',
    run: ({ cases }) => void cases.step(1),
  },
  {
    keys: ['PageUp'],
    label: 'PgUp',
    what: 'Former slide of the list',
    run: ({ cases }) => void cases.step(-1),
  },
  {
    keys: ['x'],
    label: 'X',
    what: 'Slide of a case reviewed, or not',
    waits: true,
    run: ({ cases }) => void cases.toggleOpenReviewed(),
  },
  {
    keys: ['b'],
    label: 'B',
    what: 'Bookmark what is on screen',
    waits: true,
    run: ({ cases }) => void cases.bookmarks.addShown(),
  },
  {
    keys: ['n'],
    label: 'N',
    what: 'Mask names of slides and cases, or not',
    run: () => setLook({ namesMasked: !getState().namesMasked }),
  },
  {
    keys: ['j'],
    label: 'J',
    what: 'Judge an encoder: the audit page',
    run: () => setState({ dialog: { kind: 'audit' } }),
  },
  ...PANE_KEYS.map((key): Shortcut => ({ ...key, waits: true })),
  {
    keys: ['`'],
    label: '`',
    what: 'Panels away or back',
    run: () => setState(({ panelsHidden }) => ({ panelsHidden: !panelsHidden })),
  },
  {
    keys: ['p'],
    label: 'P',
    what: 'Present: large type, slide only',
    run: () => setState(({ presenting }) => ({ presenting: !presenting })),
  },
  { keys: ['?'], label: '?', what: 'This list', run: () => setState({ dialog: { kind: 'help' } }) },
];

/** Held, it hides the overlay; it is no command of its own. */
export const HOLD_KEY = { label: 'Space (held)', what: 'Hide the overlay to see the tissue' };

/** Listen on the page; returns how to stop. Typing in a field or a dialog is left alone. */
export function bindKeys(commands: Commands): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const held = new HeldKeys();
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
      if (event.key === ' ') {
        event.preventDefault();
        commands.bench.holdOverlay(true);
        return;
      }
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const shortcut = SHORTCUTS.find((s) => s.keys.includes(key));
      if (!shortcut) return;
      event.preventDefault();
      if (shortcut.waits) held.run(() => shortcut.run(commands));
      else shortcut.run(commands);
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

/** A control that has the focus uses these keys itself. */
function isTaken(event: KeyboardEvent): boolean {
  if (getState().dialog) return true;
  const target = event.target as HTMLElement;
  if (target.closest('input, select, textarea, [role="slider"], [role="dialog"]')) return true;
  const onButton = target.closest('button, a, summary') !== null;
  return onButton && (event.key === ' ' || event.key === 'Enter');
}
