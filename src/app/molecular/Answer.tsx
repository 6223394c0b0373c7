import { unfamiliarTissue } from '../../audit/abstain.ts';
import { formatPercent, formatSigned } from '../../core/units.ts';
import type { SlideScore } from '../../molecular/molecular.ts';
import { readableName } from '../../molecular/prompt.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { caveatsOf } from './prompt-legend.ts';
import type { Answered } from './state.ts';

/** Genes listed. */
const DRIVING = 8;

/** What the fields said, by both ways, and how far that can be believed. */
export function Answer({ answer }: { answer: Answered }) {
  const { prompt, predictor, knn, count, of, ms, far, library } = answer;
  const fields = useApp((s) => s.score?.fields ?? 0);
  const k = useApp((s) => s.molecular.alignment?.library.k ?? 0);
  const threshold = useApp((s) => s.molecular.alignment?.far ?? 0);
  const asked = useApp((s) => s.score);
  const strange = asked && unfamiliarTissue(asked.unfamiliar);
  const caveatFor = (id: 'predictor' | 'knn') => caveatsOf(asked, answer, id).join('; ') || null;
  return (
    <section aria-label="Answer" className="answer">
      <h2>Predicted score, {readableName(prompt.set.name)}</h2>
      <div className="two-answers">
        <Score title="Predictor" score={predictor} caveat={caveatFor('predictor')} />
        <Score title="Soft-kNN" score={knn} caveat={caveatFor('knn')} />
      </div>
      {strange && <p className="small warn">{strange}</p>}
      <p className="faint small">
        Units: ssGSEA, ranks. Mean over {count.toLocaleString('en')} fields, 95 % interval over
        fields, without the model’s own error. Compare fields of one slide, not slides.
        {count < of && ` ${(of - count).toLocaleString('en')} fields did not answer.`}
        {count < fields && ' Fields have been added since: ask again.'}
      </p>
      <dl className="verdicts">
        <dt>Effective neighbours, mean</dt>
        <dd>
          {answer.effective.toFixed(1)} of {k}
        </dd>
        <dt>Similarity of the nearest, mean</dt>
        <dd>{answer.nearest.toFixed(2)}</dd>
        <dt>Neighbours disagree by (SD), mean</dt>
        <dd>{answer.spread.toFixed(0)} ranks</dd>
        <dt className={far > 0.5 ? 'warn' : ''}>
          Far from the library (similarity below {threshold.toFixed(2)})
        </dt>
        <dd className={far > 0.5 ? 'warn' : ''}>{formatPercent(far)} of fields</dd>
        <dt>{library === null ? 'Prototypes’ patients' : 'Neighbours’ files'}</dt>
        <dd>
          {answer.patients
            .filter(({ share }) => share >= 0.005)
            .map(({ patient, share }) => `${patient} ${formatPercent(share)}`)
            .join(', ')}
        </dd>
      </dl>
      <Driving answer={answer} />
      <p className="faint small">Answered in {ms.toFixed(0)} ms.</p>
      <FieldExports />
    </section>
  );
}

function Score(props: { title: string; score: SlideScore; caveat: string | null }) {
  const { title, score, caveat } = props;
  const { mean, interval } = score;
  return (
    <div className={caveat ? 'score-part unread' : 'score-part'}>
      <span className="quiet small">{title}</span>
      <b>{formatSigned(mean, 0)}</b>
      <span className="quiet small">
        {interval
          ? `${formatSigned(interval[0], 0)} to ${formatSigned(interval[1], 0)}`
          : 'no interval below 5 fields'}
      </span>
      {caveat && <span className="small prompt-caveat">{caveat}</span>}
    </div>
  );
}

/** Without which gene the predicted score would fall most. */
function Driving({ answer }: { answer: Answered }) {
  const genes = answer.driving.slice(0, DRIVING);
  const widest = Math.max(...genes.map(({ drop }) => drop), 1e-9);
  return (
    <figure className="driving" aria-label="Genes that drive the predicted score">
      <figcaption className="small quiet">
        Genes that drive the predicted score: ranks it would lose without each
      </figcaption>
      {genes.map(({ symbol, drop }) => (
        <div key={symbol} className="driving-row">
          <span>{symbol}</span>
          <i style={{ width: `${(Math.max(0, drop) / widest) * 100}%` }} />
          <span className="quiet">{formatSigned(drop, 1)}</span>
        </div>
      ))}
    </figure>
  );
}

function FieldExports() {
  const commands = useCommands();
  const save = (format: 'csv' | 'parquet') => void commands?.fieldExports.saveShown(format);
  return (
    <div className="row small">
      <span className="quiet">Scores per field</span>
      <span className="links">
        <button type="button" className="link" onClick={() => save('csv')}>
          CSV
        </button>
        <button type="button" className="link" onClick={() => save('parquet')}>
          Parquet
        </button>
      </span>
    </div>
  );
}
