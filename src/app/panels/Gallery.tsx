import { formatSigned } from '../../core/units.ts';
import { useCommands } from '../context.ts';
import { typeName } from '../names.ts';
import { type CellChip, useApp } from '../state.ts';
import { Crop } from './Crop.tsx';

const CROP_UM = 24;

/** Cells as small pictures; a click flies there. */
export function Gallery(props: { title: string; cells: CellChip[]; tone: 'for' | 'against' }) {
  const commands = useCommands();
  const mpp = useApp((s) => s.slide?.mpp ?? null);
  const types = useApp((s) => s.kit?.types ?? []);
  if (!commands || !mpp || props.cells.length === 0) return null;
  const { cells } = commands.bench;
  const side = CROP_UM / mpp;
  return (
    <section aria-label={props.title}>
      <h2>{props.title}</h2>
      <div className="crops">
        {props.cells.map(({ index, contribution, type }) => (
          <button
            key={index}
            type="button"
            className={props.tone}
            aria-label={`${typeName(types[type] ?? 'cell')} cell, contribution ${formatSigned(contribution, 3)}: show it`}
            title={formatSigned(contribution, 4)}
            onClick={() => void commands.bench.flyTo(index)}
          >
            <Crop
              x={cells.x[index] - side / 2}
              y={cells.y[index] - side / 2}
              w={side}
              h={side}
              size={54}
            />
          </button>
        ))}
      </div>
    </section>
  );
}
