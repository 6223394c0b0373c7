import { formatArea } from '../../core/units.ts';
import { useCommands } from '../context.ts';
import { type Run, TYPICAL_FIELD_S } from '../run-state.ts';
import { useApp } from '../state.ts';

/** Above this share of ink the user is told. */
const SOME_PEN = 0.005;

/** What of the slide will be analysed, before it is: found by colour, corrected by brush. */
export function TissueBox() {
  const commands = useCommands();
  const tissue = useApp((s) => s.tissue);
  const begun = useApp(({ run }) => (isBegun(run) ? run.done : 0));
  if (!tissue) return null;
  const { stage, share, area, fields, pen, brush } = tissue;
  const running = commands?.running;
  if (stage === 'finding') {
    return (
      <section className="float tissue-box" aria-label="Tissue">
        <div className="row">
          <b>Finding tissue</b>
          <span className="quiet">{Math.floor(share * 100)} %</span>
        </div>
        <progress className="track" value={share} max={1} aria-label="Share of the slide read" />
        <button type="button" className="link" onClick={() => running?.tissue.leave()}>
          Cancel
        </button>
      </section>
    );
  }
  const minutes = Math.max(1, Math.round((fields * TYPICAL_FIELD_S) / 60));
  const painting = stage === 'painting';
  return (
    <section className="float tissue-box" aria-label="Tissue">
      <div className="row">
        <b>Tissue to analyse</b>
        <span className="quiet">{formatArea(area)}</span>
      </div>
      <p className="quiet small">
        {fields.toLocaleString('en')} fields, about {minutes} min on a laptop without a GPU. What is
        dimmed is left out.
        {pen > SOME_PEN && ' Marked in yellow: ink of a pen, left out too.'}
      </p>
      {begun > 0 && (
        <p className="small">
          {begun.toLocaleString('en')} fields are kept from before; analysing anew replaces them.{' '}
          <button
            type="button"
            className="link"
            onClick={() => {
              running?.tissue.leave();
              void running?.goOnShown();
            }}
          >
            Go on instead
          </button>
        </p>
      )}
      <fieldset className="row buttons bare-set" aria-label="Correct the mask">
        {(['tissue', 'glass'] as const).map((kind) => (
          <button
            key={kind}
            type="button"
            className={`btn${painting && brush.kind === kind ? ' on' : ''}`}
            aria-pressed={painting && brush.kind === kind}
            onClick={() =>
              running?.tissue.paint(painting && brush.kind === kind ? null : { ...brush, kind })
            }
          >
            {kind === 'tissue' ? 'Paint in' : 'Paint out'}
          </button>
        ))}
        <label className="mask-brush">
          Brush
          <input
            className="mask-brush-size"
            type="range"
            min={6}
            max={90}
            value={brush.radius}
            onChange={(event) =>
              running?.tissue.paint({ ...brush, radius: Number(event.target.value) })
            }
          />
        </label>
      </fieldset>
      <div className="row buttons end">
        <button type="button" className="btn line" onClick={() => running?.tissue.leave()}>
          Cancel
        </button>
        <button
          type="button"
          className="btn main"
          disabled={fields === 0}
          onClick={() => void running?.analyseSlide()}
        >
          Analyse {fields.toLocaleString('en')} fields
        </button>
      </div>
    </section>
  );
}

/** Whether a run of the whole slide was broken off. */
function isBegun({ scope, phase }: Run): boolean {
  return scope === 'slide' && (phase === 'paused' || phase === 'cancelled');
}
