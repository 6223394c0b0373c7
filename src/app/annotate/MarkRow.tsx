import { Lock, LockOpen, Trash2 } from 'lucide-react';
import { type Annotation, colourOf } from '../../annotation/annotation.ts';
import { isArea } from '../../annotation/geometry.ts';
import { lengthText, mainMeasure, measure } from '../../annotation/measure.ts';
import { gateOf } from '../../overlay/style.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { CellsInside } from './CellsInside.tsx';
import type { CellCounts } from './counting.ts';
import { titleOf } from './titles.ts';

interface MarkProps {
  mark: Annotation;
  mpp: number | null;
  counts: CellCounts | null;
}

/** One shape: press to fly there; when selected, all that can be said and done. */
export function MarkRow({ mark, mpp, counts }: MarkProps) {
  const annotating = useCommands()?.annotating;
  const selected = useApp((s) => s.annotate.selected === mark.id);
  const { id, locked } = mark;
  const title = titleOf(mark);
  return (
    <li className={`mark-row${selected ? ' on' : ''}`}>
      <div className="mark-line">
        <button
          type="button"
          className="mark-name"
          aria-pressed={selected}
          onClick={() => annotating?.flyTo(id)}
        >
          <i className="swatch" style={{ background: colourOf(mark) }} />
          <span>{title}</span>
          <span className="quiet">{mainMeasure(mark, mpp)}</span>
        </button>
        <button
          type="button"
          className="btn icon"
          aria-label={`Lock ${title}`}
          aria-pressed={locked}
          title={locked ? 'Unlock' : 'Lock: neither moved nor deleted'}
          onClick={() => annotating?.annotator.update(id, { locked: !locked })}
        >
          {locked ? (
            <Lock size={14} aria-hidden="true" />
          ) : (
            <LockOpen size={14} aria-hidden="true" />
          )}
        </button>
        <button
          type="button"
          className="btn icon"
          aria-label={`Delete ${title}`}
          title="Delete"
          disabled={locked}
          onClick={() => annotating?.annotator.remove([id])}
        >
          <Trash2 size={14} aria-hidden="true" />
        </button>
      </div>
      {selected && <Details mark={mark} mpp={mpp} counts={counts} />}
    </li>
  );
}

function Details({ mark, mpp, counts }: MarkProps) {
  const annotator = useCommands()?.annotating.annotator;
  const classes = useApp((s) => s.annotate.classes);
  const { id, geometry, name, note, classification } = mark;
  const area = isArea(geometry);
  const { length } = measure(geometry, mpp);
  return (
    <div className="mark-details">
      <label>
        <span className="quiet">Name</span>
        {/* The key brings another shape's own text, and what undo put back. */}
        <input
          key={`${id} ${name}`}
          type="text"
          defaultValue={name}
          maxLength={200}
          onBlur={(event) => {
            if (event.target.value !== name) annotator?.update(id, { name: event.target.value });
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.currentTarget.blur();
          }}
        />
      </label>
      {mark.kind === 'annotation' && (
        <label>
          <span className="quiet">Class</span>
          <select
            value={classification?.name ?? ''}
            onChange={(event) => {
              const chosen = classes.find((each) => each.name === event.target.value) ?? null;
              annotator?.update(id, { classification: chosen });
            }}
          >
            {classes.map((each) => (
              <option key={each.name} value={each.name}>
                {each.name}
              </option>
            ))}
            <option value="">No class</option>
          </select>
        </label>
      )}
      <label>
        <span className="quiet">Note</span>
        <textarea
          key={`${id} ${note}`}
          rows={2}
          defaultValue={note}
          maxLength={4000}
          onBlur={(event) => {
            if (event.target.value !== note) annotator?.update(id, { note: event.target.value });
          }}
        />
      </label>
      {area && length !== null && (
        <p className="quiet small">Perimeter {lengthText(length, mpp)}</p>
      )}
      {area && counts && <CellsInside counts={counts} of="it" />}
      {area && <AreaButtons mark={mark} />}
    </div>
  );
}

function AreaButtons({ mark }: { mark: Annotation }) {
  const commands = useCommands();
  const running = useApp((s) => s.run.phase === 'running');
  const cells = useApp((s) => s.cells > 0);
  const only = useApp((s) => gateOf(s.style).inside === mark.id);
  return (
    <div className="row gap">
      <button
        type="button"
        className="btn line"
        disabled={running}
        onClick={() => void commands?.annotating.analyse(mark.id, commands.running)}
      >
        Analyse it
      </button>
      <button
        type="button"
        className="btn line"
        disabled={!cells}
        aria-pressed={only}
        onClick={() => commands?.gates.set({ inside: only ? undefined : mark.id })}
      >
        {only ? 'All cells' : 'Only its cells'}
      </button>
      <button
        type="button"
        className="btn line"
        disabled={!cells}
        onClick={() => void commands?.finding.showForMark(mark.id)}
      >
        Find similar regions
      </button>
    </div>
  );
}
