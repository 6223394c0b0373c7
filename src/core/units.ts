/** Physical scale. mpp is micrometres per pixel of level 0. */

/** Objective power that a scale corresponds to by the usual convention: 40x is 0.25 um/px. */
export function objectiveOf(mpp: number): number {
  return 10 / mpp;
}

/** Scale at which an objective power shows the slide, in um/px. */
export function mppOf(objective: number): number {
  return 10 / objective;
}

/** Magnification presets offered by the viewer (keys 1 to 6). */
export const OBJECTIVES = [1.25, 2.5, 5, 10, 20, 40] as const;

/** A length in um as a short text in um or mm. */
export function formatLength(um: number): string {
  if (um >= 1000) return `${trim(um / 1000)} mm`;
  return `${trim(um)} µm`;
}

/** An area in um2 as a short text in um2 or mm2. */
export function formatArea(um2: number): string {
  if (um2 >= 10_000) return `${trim(um2 / 1e6)} mm²`;
  return `${trim(um2)} µm²`;
}

function trim(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** A number with a true minus sign. */
export function formatNumber(value: number, digits = 2): string {
  return value.toFixed(digits).replace('-', '\u2212');
}

/** A share of one in whole percent; number and sign stay on one line. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(0)}\u00a0%`;
}

/** As `formatNumber`, and with a plus sign: what a contribution is shown as. */
export function formatSigned(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return value < 0 ? `\u2212${text}` : `+${text}`;
}

/** The roundest length (1, 2 or 5 x 10^n um) whose bar is at most `maxPx` screen pixels long. */
export function scaleBar(umPerScreenPx: number, maxPx: number): { um: number; px: number } {
  const limit = umPerScreenPx * maxPx;
  const power = 10 ** Math.floor(Math.log10(limit));
  const um = [5, 2, 1].map((m) => m * power).find((v) => v <= limit) ?? power;
  return { um, px: um / umPerScreenPx };
}
