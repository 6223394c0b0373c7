/** How the desk looks, as React reads it; kept in this browser. */
export const THEMES = [
  { id: 'system', label: 'As the system' },
  { id: 'dark', label: 'Dark' },
  { id: 'light', label: 'Light' },
  { id: 'contrast', label: 'High contrast' },
] as const;

export type ThemeChoice = (typeof THEMES)[number]['id'];

export interface LookState {
  theme: ThemeChoice;
  /** CSS px; 0 when put away. */
  railWidth: number;
  sideWidth: number;
  /** Slides and cases are called by their number. */
  namesMasked: boolean;
}

/** Width of the rail that shows pictures only, CSS px. */
export const NARROW_RAIL = 64;

export const LOOK: LookState = {
  theme: 'dark',
  railWidth: NARROW_RAIL,
  sideWidth: 348,
  namesMasked: false,
};

const KEY = 'cytolens.look';

/** What was chosen before; the usual where nothing was, or nothing can be kept. */
export function keptLook(): LookState {
  try {
    return checkedLook(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
  } catch {
    return LOOK;
  }
}

/** Members that are not what they should be become the usual. */
export function checkedLook(kept: Partial<Record<keyof LookState, unknown>>): LookState {
  const theme = THEMES.find(({ id }) => id === kept.theme)?.id ?? LOOK.theme;
  const width = (value: unknown, usual: number) =>
    typeof value === 'number' && value >= 0 && value <= 4000 ? value : usual;
  return {
    theme,
    railWidth: width(kept.railWidth, LOOK.railWidth),
    sideWidth: width(kept.sideWidth, LOOK.sideWidth),
    namesMasked: kept.namesMasked === true,
  };
}

/** Without a place to keep it, it lasts as long as the page. */
export function keepLook({ theme, railWidth, sideWidth, namesMasked }: LookState): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ theme, railWidth, sideWidth, namesMasked }));
  } catch {
    // Storage is off in this browser: nothing to do, and nothing lost that matters.
  }
}
