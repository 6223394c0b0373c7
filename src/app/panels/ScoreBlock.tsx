import type { RegionScore } from '../../analysis/score.ts';
import { formatArea } from '../../core/units.ts';
import { setState, useApp } from '../state.ts';
import { NoAnswer, useNoAnswer } from '../trust/NoAnswer.tsx';
import { FineSwitch } from './FineSwitch.tsx';
import { HeadPicker } from './HeadPicker.tsx';
import { PoolingSwitch } from './PoolingSwitch.tsx';
import { VariantSwitch } from './VariantSwitch.tsx';

/** The score as a probability with its interval, and what it was computed from. */
export function ScoreBlock() {
  const score = useApp((s) => s.score);
  const kit = useApp((s) => s.kit);
  const run = useApp((s) => s.run);
  const why = useNoAnswer();
  const anyway = useApp((s) => s.scoreAnyway);
  if (!score || !kit) return null;
  const { patients, note, tissue } = kit.target;
  const area = score.fields * kit.fieldUm ** 2;
  return (
    <section aria-label="Score">
      <HeadPicker />
      {why && <NoAnswer why={why} />}
      {(!why || anyway) && <Probability score={score} doubted={why !== null} />}
      <div className="row faint small">
        <span>
          {score.fields} {score.fields === 1 ? 'field' : 'fields'}, {formatArea(area)} analysed
          {run.phase !== 'done' && run.phase !== 'running' && ' so far'}
          {run.blurred > 0 && `, ${run.blurred.toLocaleString('en')} out of focus left out`}
        </span>
        <span>{patients > 0 && `trained on ${patients} patients`}</span>
      </div>
      <VariantSwitch />
      <PoolingSwitch />
      <FineSwitch />
      <p className="small under">Meant for {tissue}: of other tissue it was never asked.</p>
      <p className="faint small under">{note}</p>
      {score.interval && (
        <p className="faint small under">
          The range is over fields (95 %): it does not hold the model’s own uncertainty.
        </p>
      )}
    </section>
  );
}

/** `doubted`: no answer, shown all the same; it can be withheld again. */
function Probability({ score, doubted }: { score: RegionScore; doubted: boolean }) {
  const { probability, interval } = score;
  const percent = (value: number) => `${(value * 100).toFixed(1)}%`;
  return (
    <>
      <div className={doubted ? 'row doubt' : 'row'}>
        <div className={doubted ? 'score doubted' : 'score'} data-testid="score">
          {probability.toFixed(2)}
          <small>
            {interval
              ? `${interval[0].toFixed(2)} – ${interval[1].toFixed(2)}`
              : 'too few fields for an interval'}
          </small>
        </div>
        {doubted && (
          <button
            type="button"
            className="link small"
            onClick={() => setState({ scoreAnyway: false })}
          >
            Withhold it again
          </button>
        )}
      </div>
      <div className="interval" aria-hidden="true">
        {interval && (
          <i style={{ left: percent(interval[0]), width: percent(interval[1] - interval[0]) }} />
        )}
        <b style={{ left: percent(probability) }} />
      </div>
    </>
  );
}
