/** Which keys belong to the control that has the focus. */

/** Typing, choosing and sliding take every key. */
const ALL = [
  'input:not([type="checkbox"], [type="radio"], [type="button"], [type="file"])',
  'select',
  'textarea',
  '[role="slider"]',
  '[role="dialog"]',
].join();
const PRESSED =
  'button, a, summary, input[type="checkbox"], input[type="radio"], input[type="file"]';
const RADIO = 'input[type="radio"]';

/** Whether a control keeps a key (as `KeyboardEvent.key` names it) to itself. */
export function keepsKey(control: Element, key: string): boolean {
  if (control.closest(ALL)) return true;
  if (key === ' ' || key === 'Enter') return control.closest(PRESSED) !== null;
  return key.startsWith('Arrow') && control.closest(RADIO) !== null;
}
