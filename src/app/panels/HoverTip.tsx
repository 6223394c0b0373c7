import { formatSigned } from '../../core/units.ts';
import { useCommands } from '../context.ts';
import { typeName } from '../names.ts';
import { useApp } from '../state.ts';

const BESIDE_POINTER = 14;

/** One line beside the pointer about the cell under it. */
export function HoverTip() {
  const commands = useCommands();
  const hovered = useApp((s) => s.hovered);
  const types = useApp((s) => s.kit?.types);
  const selected = useApp((s) => s.selection?.index);
  if (!commands || !hovered || !types || hovered.index === selected) return null;
  const { cells } = commands.bench;
  const { index, at } = hovered;
  if (index >= cells.count) return null;
  const percent = (cells.attention[index] * 100).toFixed(2);
  return (
    <div
      className="float hover-tip"
      style={{ left: at.x + BESIDE_POINTER, top: at.y + BESIDE_POINTER }}
    >
      {typeName(types[cells.type[index]])} · contribution{' '}
      {formatSigned(cells.contribution[index], 4)} · attention {percent} %
    </div>
  );
}
