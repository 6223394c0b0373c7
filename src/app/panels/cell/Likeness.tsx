import type { CellExplanation, SimilarCells } from '../../../analysis/explain.ts';
import { formatSigned } from '../../../core/units.ts';
import { useCommands } from '../../context.ts';
import { typeName } from '../../names.ts';
import { useApp } from '../../state.ts';
import { CellButton } from '../Gallery.tsx';

const SIZE = 43;

/** Cells like this one on the same slide, and fields like its field in a drawer, when asked for. */
export function Likeness({ cell }: { cell: CellExplanation }) {
  const commands = useCommands();
  const likeness = useApp((s) => s.likeness);
  const task = useApp((s) => s.explaining);
  if (!commands) return null;
  const { explaining } = commands;
  const shown = likeness?.index === cell.index ? likeness : null;
  const busy = task?.task === 'likeness' ? task : null;
  return (
    <div className="likeness">
      <div className="row">
        <button
          type="button"
          className="btn line small"
          onClick={() => void explaining.showSimilarCells(cell.index)}
        >
          Find cells like this
        </button>
        <button
          type="button"
          className="btn line small"
          onClick={() => void commands.finding.showForCell(cell.index)}
        >
          Find fields like its field
        </button>
      </div>
      <div aria-live="polite">
        {busy && (
          <div className="quiet small">
            Reading tokens{busy.total > 0 && `: ${busy.done} of ${busy.total} fields`}{' '}
            <button type="button" className="link" onClick={() => explaining.cancel()}>
              Cancel
            </button>
          </div>
        )}
        {!busy && shown?.cells && <CellsLike found={shown.cells} />}
        {!busy && shown && !shown.cells && (
          <div className="quiet small">The tokens of this cell’s field are no longer kept.</div>
        )}
      </div>
    </div>
  );
}

function CellsLike({ found }: { found: SimilarCells }) {
  const commands = useCommands();
  const types = useApp((s) => s.kit?.types ?? []);
  if (!commands) return null;
  const { cells } = commands.bench;
  return (
    <>
      <div className="alike" data-testid="similar">
        {found.cells.map(({ index, cosine }) => (
          <figure key={index}>
            <CellButton
              index={index}
              size={SIZE}
              label={`${typeName(types[cells.type[index]])} cell, cosine ${cosine.toFixed(3)}: show it`}
              tip={`${typeName(types[cells.type[index]])}, contribution ${formatSigned(cells.contribution[index], 4)}`}
            />
            <figcaption>{cosine.toFixed(3)}</figcaption>
          </figure>
        ))}
      </div>
      <div className="faint small">
        Cosine of mean tokens, over {found.searched.toLocaleString('en')} of{' '}
        {found.of.toLocaleString('en')} cells; none shares a token with it. Tokens see the
        surroundings too. Search table: {(found.bytes / 2 ** 20).toFixed(1)} MB.
      </div>
    </>
  );
}
