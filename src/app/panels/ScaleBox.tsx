import { RotateCcw } from 'lucide-react';
import { scaleOf } from '../../core/affine.ts';
import { formatLength, OBJECTIVES, objectiveOf, scaleBar } from '../../core/units.ts';
import { poseText } from '../../viewer/pose.ts';
import { useCommands } from '../context.ts';
import { setState, useApp } from '../state.ts';

const MAX_BAR_PX = 160;

/** Scale bar in um and magnification, with presets; how the slide is turned. */
export function ScaleBox() {
  const commands = useCommands();
  const scale = useApp((s) => s.transform && scaleOf(s.transform));
  const mpp = useApp((s) => s.slide?.mpp ?? null);
  if (scale === null) return null;
  if (mpp === null) {
    return (
      <div className="float scale">
        <button
          type="button"
          className="btn line"
          onClick={() => setState({ dialog: { kind: 'scale', next: 'nothing' } })}
        >
          Scale unknown: enter µm/px
        </button>
        <Turned />
      </div>
    );
  }
  const umPerScreenPx = mpp / scale;
  const bar = scaleBar(umPerScreenPx, MAX_BAR_PX);
  const shown = objectiveOf(umPerScreenPx);
  return (
    <div className="float scale">
      <div>
        <div className="bar" style={{ width: bar.px }} data-testid="scale-bar" />
        <div className="bar-label">
          <span>{formatLength(bar.um)}</span>
          <span className="faint">{formatObjective(shown)}</span>
        </div>
      </div>
      <Turned />
      <fieldset className="presets" aria-label="Magnification">
        {OBJECTIVES.map((objective) => {
          const on = Math.abs(shown / objective - 1) < 0.02;
          return (
            <button
              key={objective}
              type="button"
              aria-pressed={on}
              className={on ? 'on' : ''}
              onClick={() => commands?.setObjective(objective)}
            >
              {objective}
              {on ? 'x' : ''}
            </button>
          );
        })}
      </fieldset>
    </div>
  );
}

/** Nothing while the slide lies as on the glass. */
function Turned() {
  const commands = useCommands();
  const text = useApp((s) => poseText(s.pose));
  if (!text) return null;
  return (
    <button
      type="button"
      className="turned"
      title="Upright again (U)"
      aria-label={`Turned: ${text}. Upright again`}
      onClick={() => commands?.bench.viewer.setUpright()}
    >
      <RotateCcw size={12} aria-hidden="true" /> {text}
    </button>
  );
}

function formatObjective(objective: number): string {
  return `${objective >= 10 ? objective.toFixed(0) : objective.toPrecision(2)}x`;
}
