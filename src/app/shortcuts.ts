/** Keys of the page. `SHORTCUT_GROUPS` is what the help lists and what the keys do: they cannot disagree. */
import { OBJECTIVES } from '../core/units.ts';
import type { Commands } from './commands.ts';
import { setLook } from './look/look.ts';
import { PANE_KEYS } from './panes/keys.ts';
import { getState, setState } from './state.ts';

export interface Shortcut {
  /** As `KeyboardEvent.key` names them, letters small. */
  keys: readonly string[];
  /** Shown in help. */
  label: string;
  what: string;
  /** It acts on the slide: pressed while one is being opened, it waits for it. */
  waits?: true;
  /** `key` is the one of `keys` that was pressed. */
  run(commands: Commands, key: string): void;
}

export interface ShortcutGroup {
  title: string;
  shortcuts: readonly Shortcut[];
}

/** Steps of the view: right and down. */
const STEPS: Record<string, readonly [x: number, y: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export const SHORTCUT_GROUPS: readonly ShortcutGroup[] = [
  {
    title: 'View',
    shortcuts: [
      {
        keys: Object.keys(STEPS),
        label: '← → ↑ ↓',
        what: 'Move the view',
        waits: true,
        run: ({ bench }, key) => bench.viewer.panBy(...STEPS[key]),
      },
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
      {
        keys: OBJECTIVES.map((_, i) => String(i + 1)),
        label: `1 to ${OBJECTIVES.length}`,
        what: `Magnification ${OBJECTIVES.join('x, ')}x`,
        waits: true,
        run: (commands, key) => commands.setObjective(OBJECTIVES[Number(key) - 1]),
      },
      {
        keys: ['[', ']'],
        label: '[ ]',
        what: 'Turn the slide left, or right, by 15°',
        waits: true,
        run: ({ bench }, key) => bench.viewer.turnBy(key === '[' ? -15 : 15),
      },
      {
        keys: ['r'],
        label: 'R',
        what: 'Turn the slide right by 90°',
        waits: true,
        run: ({ bench }) => bench.viewer.turnBy(90),
      },
      {
        keys: ['f'],
        label: 'F',
        what: 'Mirror the slide, left to right',
        waits: true,
        run: ({ bench: { viewer } }) => viewer.setFlipped(!viewer.flipped()),
      },
      {
        keys: ['u'],
        label: 'U',
        what: 'Upright again: neither turned nor mirrored',
        waits: true,
        run: ({ bench }) => bench.viewer.setUpright(),
      },
    ],
  },
  {
    title: 'Analyse',
    shortcuts: [
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
        keys: ['j'],
        label: 'J',
        what: 'Judge an encoder: the audit page',
        run: () => setState({ dialog: { kind: 'audit' } }),
      },
    ],
  },
  {
    title: 'Show',
    shortcuts: [
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
        keys: ['i'],
        label: 'I',
        what: 'Image: colours, one stain alone, turned and mirrored',
        run: () => setState(({ imagePanel }) => ({ imagePanel: !imagePanel })),
      },
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
      {
        keys: ['n'],
        label: 'N',
        what: 'Mask names of slides and cases, or not',
        run: () => setLook({ namesMasked: !getState().namesMasked }),
      },
      {
        keys: ['?'],
        label: '?',
        what: 'This list',
        run: () => setState({ dialog: { kind: 'help' } }),
      },
    ],
  },
  {
    title: 'Slides and cases',
    shortcuts: [
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
    ],
  },
  {
    title: 'Annotate',
    shortcuts: [
      {
        keys: ['d'],
        label: 'D',
        what: 'Draw and measure: annotation tools on or off',
        waits: true,
        run: ({ annotating }) => annotating.toggle(),
      },
    ],
  },
  {
    title: 'Panes',
    shortcuts: PANE_KEYS.map((key): Shortcut => ({ ...key, waits: true })),
  },
];

/** Held, it hides the overlay; it is no command of its own. */
export const HOLD_KEY = { label: 'Space', what: 'Held: the overlay away, to see the tissue' };

export const SHORTCUTS: readonly Shortcut[] = SHORTCUT_GROUPS.flatMap(({ shortcuts }) => shortcuts);
