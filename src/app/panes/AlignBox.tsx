import { Trash2 } from 'lucide-react';
import { type Alignment, rms, stretchOf } from '../../core/alignment.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import type { PaneState } from './state.ts';

/** What to do next, how far each pair is off, and what that says of the alignment. */
export function AlignBox({ pane: { n, pairs, alignment, trouble, slide } }: { pane: PaneState }) {
  const commands = useCommands();
  const pending = useApp((s) => s.aligning?.pending);
  const mainMpp = useApp((s) => s.slide?.mpp ?? null);
  if (!commands) return null;
  const { panes } = commands;
  const unit = slide.mpp === null ? 'px' : 'µm';
  const doubt = alignment && doubtOf(alignment, slide.mpp && mainMpp ? slide.mpp / mainMpp : null);
  const done = () => {
    panes.landmarks.stop();
    if (alignment) panes.lock(n, true);
  };
  return (
    <section className="float align-box" aria-label={`Align pane ${n}`}>
      <p aria-live="polite">
        {pending
          ? `Now click the same place in ${pending.side === 'main' ? 'this pane' : 'the main pane'}.`
          : 'Click a place in the main pane, then the same place here.'}
      </p>
      {pairs.length > 0 && (
        <ul className="align-pairs">
          {pairs.map((_, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a landmark is its number
            <li key={i}>
              <span>{i + 1}</span>
              <span className="quiet">{offText(alignment, i, unit)}</span>
              <button
                type="button"
                className="btn icon"
                aria-label={`Delete pair ${i + 1}`}
                onClick={() => panes.landmarks.remove(n, i)}
              >
                <Trash2 size={14} aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <p className={trouble ? 'align-trouble' : 'quiet'}>
        {trouble ?? summaryOf(alignment, pairs.length, unit)}
      </p>
      {doubt && <p className="align-trouble">{doubt}</p>}
      <div className="row">
        <button
          type="button"
          className="btn"
          disabled={pairs.length === 0}
          onClick={() => panes.landmarks.clear(n)}
        >
          Clear
        </button>
        <button type="button" className="btn line" onClick={done}>
          {alignment ? 'Done: lock the panes' : 'Done'}
        </button>
      </div>
    </section>
  );
}

function offText(alignment: Alignment | null, i: number, unit: string): string {
  if (!alignment) return '';
  const { residuals, leftOut } = alignment;
  if (!leftOut) return 'met exactly';
  const apart = leftOut[i];
  const told =
    apart === null ? 'the others lie on a line' : `${length(apart)} ${unit} by the others`;
  return `${length(residuals[i])} ${unit} off, ${told}`;
}

/** Tissue of one block keeps its size within this factor from section to section. */
const PLAUSIBLE = 1.25;

/** A warning where a map would stretch tissue as sections are not. `scale`: um by um of a px. */
function doubtOf({ map }: Alignment, scale: number | null): string | null {
  if (scale === null) return null;
  const { least, most } = stretchOf(map);
  const [small, large] = [least * scale, most * scale];
  if (small > 1 / PLAUSIBLE && large < PLAUSIBLE) return null;
  return `These pairs would stretch tissue ${small.toFixed(2)} to ${large.toFixed(2)} times. Check that each shows the same place.`;
}

/** Maps through two or three pairs meet them exactly: that is no measure of how good they are. */
function summaryOf(alignment: Alignment | null, pairs: number, unit: string): string {
  if (!alignment) return 'Two pairs are needed: shift, turn and scale. Three tell stretch, too.';
  if (pairs === 2) return 'Shift, turn and scale. Two pairs always fit; a third tells stretch.';
  if (pairs === 3) return 'Affine. Three pairs always fit exactly; a fourth tells the error.';
  const [fit, apart] = [rms(alignment.residuals) ?? 0, rms(alignment.leftOut ?? [])];
  const told = apart === null ? '' : `; each told by the others: ${length(apart)} ${unit}`;
  return `Affine, over ${pairs} pairs: ${length(fit)} ${unit} off (root mean square)${told}.`;
}

function length(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(1);
}
