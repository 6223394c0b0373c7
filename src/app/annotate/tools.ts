/** The tools of annotating: their names, keys and what is said of them. */

export type DrawTool =
  | 'point'
  | 'count'
  | 'line'
  | 'angle'
  | 'rectangle'
  | 'ellipse'
  | 'polygon'
  | 'freehand'
  | 'brush';
export type ToolId = 'select' | DrawTool;

export interface Tool {
  id: ToolId;
  label: string;
  /** While annotating; none is a shortcut of the whole page (tested). */
  key: string;
  /** How it is used, in a line. */
  hint: string;
}

export const TOOLS: readonly Tool[] = [
  {
    id: 'select',
    label: 'Select',
    key: 'v',
    hint: 'Click a shape to select it; drag it or its corners. Alt+click an edge adds a corner, a corner removes it. Arrows nudge.',
  },
  { id: 'point', label: 'Point', key: 't', hint: 'Click a place.' },
  { id: 'count', label: 'Count', key: 'm', hint: 'Click each one. Enter ends the count.' },
  { id: 'line', label: 'Length', key: 'l', hint: 'Drag from end to end, or click both.' },
  { id: 'angle', label: 'Angle', key: 'g', hint: 'Click one end, the corner, the other end.' },
  { id: 'rectangle', label: 'Rectangle', key: 'q', hint: 'Drag from corner to corner.' },
  { id: 'ellipse', label: 'Ellipse', key: 'e', hint: 'Drag from corner to corner of its box.' },
  {
    id: 'polygon',
    label: 'Polygon',
    key: 'y',
    hint: 'Click corners. Enter, or a click on the first or last corner, ends it. Backspace takes one back.',
  },
  { id: 'freehand', label: 'Freehand', key: 'k', hint: 'Draw around the area.' },
  {
    id: 'brush',
    label: 'Brush',
    key: 's',
    hint: 'Paint. It adds to the selected area; with Alt it erases from it.',
  },
];

/** True of every tool: said once below the hint. */
export const PAN_HINT = 'Shift+drag or two fingers move the slide. Arrows and Enter draw by key.';

/** What the help lists of annotating. */
export const ANNOTATE_KEYS: readonly { label: string; what: string }[] = [
  ...TOOLS.map(({ label, key }) => ({ label: key.toUpperCase(), what: label })),
  { label: 'Enter', what: 'Set a point at the cross; at the same place again, end the shape' },
  {
    label: '← → ↑ ↓',
    what: 'Move the cross, or the selected shape by a screen px (Shift: finer, farther)',
  },
  { label: 'Del', what: 'Delete the selected shape, or take the last point back' },
  { label: 'Ctrl+Z', what: 'Undo; with Shift, redo' },
  { label: 'Esc', what: 'Drop what was begun, then the selection, then the tool' },
];

export function toolOf(id: ToolId): Tool {
  return TOOLS.find((tool) => tool.id === id) ?? TOOLS[0];
}
