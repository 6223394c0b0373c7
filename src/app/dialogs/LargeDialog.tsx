import type { Rect } from '../../core/geometry.ts';
import { formatLength } from '../../core/units.ts';
import { useCommands } from '../context.ts';
import { TYPICAL_FIELD_S } from '../run-state.ts';
import { setState, useApp } from '../state.ts';

/** The view is large: say how much it would be, and ask. */
export function LargeDialog(props: { region: Rect; fields: number; um: { w: number; h: number } }) {
  const commands = useCommands();
  const run = useApp((s) => s.run);
  const measured = run.phase === 'done' && run.done > 0;
  const perField = measured ? run.ms / 1000 / run.done : TYPICAL_FIELD_S;
  const minutes = Math.max(1, Math.round((props.fields * perField) / 60));
  return (
    <>
      <p>
        The view is {formatLength(props.um.w)} × {formatLength(props.um.h)}: up to{' '}
        {props.fields.toLocaleString('en')} fields, about {minutes} min{' '}
        {measured ? 'at the rate measured here' : 'on a laptop without a GPU'}. It can be cancelled
        at any time; what was found stays.
      </p>
      <div className="row buttons end">
        <button type="button" className="btn line" onClick={() => setState({ dialog: null })}>
          Zoom in first
        </button>
        <button
          type="button"
          className="btn main"
          onClick={() => void commands?.running.analyseShown(props.region)}
        >
          Analyse all of it
        </button>
      </div>
    </>
  );
}
