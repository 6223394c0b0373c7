/** Commands of the look, and the theme on the page. */
import { getState, setState, useApp } from '../state.ts';
import { keepLook, type LookState, type ThemeChoice } from './state.ts';

export function setLook(change: Partial<LookState>): void {
  setState(change);
  keepLook(getState());
}

const LIGHT = '(prefers-color-scheme: light)';
const MORE = '(prefers-contrast: more)';

/** Put the chosen theme on the page, now and whenever the choice or the system changes. */
export function followTheme(): void {
  const apply = () => {
    document.documentElement.dataset.theme = shownTheme(getState().theme);
  };
  apply();
  useApp.subscribe((state, former) => {
    if (state.theme !== former.theme) apply();
  });
  for (const query of [LIGHT, MORE]) matchMedia(query).addEventListener('change', apply);
}

function shownTheme(choice: ThemeChoice): Exclude<ThemeChoice, 'system'> {
  if (choice !== 'system') return choice;
  if (matchMedia(MORE).matches) return 'contrast';
  return matchMedia(LIGHT).matches ? 'light' : 'dark';
}
