import type { CellExplanation } from '../../../analysis/explain.ts';
import { formatSigned } from '../../../core/units.ts';
import { typeColor } from '../../../overlay/style.ts';
import { useCommands } from '../../context.ts';
import { typeName } from '../../names.ts';
import { useApp } from '../../state.ts';

const MOST = 6;

/** The cells that share tokens with this one, the largest share first; a click selects one. */
export function Neighbours({ cell }: { cell: CellExplanation }) {
  const commands = useCommands();
  const types = useApp((s) => s.kit?.types ?? []);
  if (!commands) return null;
  const { cells } = commands.bench;
  const { neighbours } = cell;
  const shown = neighbours.slice(0, MOST);
  const more = neighbours.length - shown.length;
  return (
    <div className="neighbours">
      <div className="quiet">
        {neighbours.length === 0
          ? 'Shares its tokens with no other cell'
          : `Shares tokens with ${neighbours.length} ${neighbours.length === 1 ? 'cell' : 'cells'}${more > 0 ? `; the closest ${MOST}:` : ':'}`}
      </div>
      <div className="chips">
        {shown.map((index) => (
          <button
            key={index}
            type="button"
            className="chip"
            aria-label={`${typeName(types[cells.type[index]])} cell on the same tokens, contribution ${formatSigned(cells.contribution[index], 3)}: select it`}
            onClick={() => void commands.bench.select(index)}
          >
            <i className="swatch" style={{ background: typeColor(cells.type[index], types) }} />
            {formatSigned(cells.contribution[index], 3)}
          </button>
        ))}
      </div>
    </div>
  );
}
