import { formatSigned } from '../../core/units.ts';
import { useCommands } from '../context.ts';
import { typeName } from '../names.ts';
import { useApp } from '../state.ts';
import type { CellChip } from '../top-cells.ts';
import { Crop } from './Crop.tsx';

const CROP_UM = 24;

/** The cells that speak most for or against, as small pictures; a click flies there. */
export function Gallery(props: { title: string; cells: CellChip[]; tone: 'for' | 'against' }) {
  const types = useApp((s) => s.kit?.types ?? []);
  if (props.cells.length === 0) return null;
  return (
    <section aria-label={props.title}>
      <h2>{props.title}</h2>
      <div className="crops">
        {props.cells.map(({ index, contribution, type }) => (
          <CellButton
            key={index}
            index={index}
            size={54}
            tone={props.tone}
            label={`${typeName(types[type] ?? 'cell')} cell, contribution ${formatSigned(contribution, 3)}: show it`}
            tip={formatSigned(contribution, 4)}
          />
        ))}
      </div>
    </section>
  );
}

/** A cell as a picture of `size` CSS px; a click flies there and selects it. */
export function CellButton(props: {
  index: number;
  size: number;
  label: string;
  tip: string;
  tone?: 'for' | 'against';
}) {
  const commands = useCommands();
  const mpp = useApp((s) => s.slide?.mpp ?? null);
  if (!commands || !mpp) return null;
  const { index, size } = props;
  const { cells } = commands.bench;
  const side = CROP_UM / mpp;
  return (
    <button
      type="button"
      className={props.tone}
      aria-label={props.label}
      title={props.tip}
      onClick={() => void commands.bench.flyTo(index)}
    >
      <Crop
        x={cells.x[index] - side / 2}
        y={cells.y[index] - side / 2}
        w={side}
        h={side}
        size={size}
      />
    </button>
  );
}
