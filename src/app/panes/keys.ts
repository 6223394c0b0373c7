/** Keys of the panes, for the list of all keys. */
import type { Commands } from '../commands.ts';
import { getState } from '../state.ts';
import type { PaneMode } from './state.ts';

const modeKey = (key: string, mode: PaneMode, what: string) => ({
  keys: [key],
  label: key,
  what,
  run: ({ panes }: Commands) => panes.setMode(getState().paneMode === mode ? 'side' : mode),
});

export const PANE_KEYS = [
  {
    keys: ['\\'],
    label: '\\',
    what: 'This slide in a pane beside, or close the last pane',
    run: ({ panes }: Commands) => {
      const last = getState().panes.at(-1);
      if (last) panes.close(last.n);
      else void panes.addShown();
    },
  },
  {
    keys: [';'],
    label: ';',
    what: 'Panes move together, or each alone',
    run: ({ panes }: Commands) => panes.lockAll(getState().panes.some(({ locked }) => !locked)),
  },
  modeKey(',', 'swipe', 'Swipe: the second slide over the main one, behind a divider'),
  modeKey('.', 'blink', 'Blink: the second slide and the main one in turns'),
];
