import { formatPercent, formatSigned } from '../../core/units.ts';
import { typeColor } from '../../overlay/style.ts';
import { typeName } from '../names.ts';
import { useApp } from '../state.ts';
import { NoAnswerNote } from '../trust/NoAnswer.tsx';
import { useMissedNuclei } from '../trust/NucleiMissing.tsx';

/** Below this share of the attention on cells, their colours say little of the score. */
const LITTLE_ATTENTION = 0.05;

interface Part {
  name: string;
  value: number;
  color: string;
  count?: number;
}

/** The terms of the logit: class token + cells by type + background + bias, and their sum. */
export function RestsOn() {
  const score = useApp((s) => s.score);
  const kit = useApp((s) => s.kit);
  const missed = useMissedNuclei();
  if (!score || !kit) return null;
  const parts: Part[] = [
    { name: 'Class token', value: score.classToken, color: 'var(--neutral)' },
    ...score.byType.map(({ count, contribution }, type) => ({
      name: `${typeName(kit.types[type])} cells`,
      value: contribution,
      color: typeColor(type, kit.types),
      count,
    })),
    { name: 'Between cells', value: score.background, color: 'var(--neutral-deep)' },
  ];
  const whole = parts.reduce((sum, part) => sum + Math.abs(part.value), 0) || 1;
  return (
    <section aria-label="What it rests on">
      <h2>What it rests on</h2>
      <NoAnswerNote then="These parts explain a logit not to rely on." />
      <div className="stack" aria-hidden="true">
        {parts.map((part) => (
          <i
            key={part.name}
            className={part.value < 0 ? 'negative' : ''}
            style={{
              width: `${(Math.abs(part.value) / whole) * 100}%`,
              backgroundColor: part.color,
            }}
          />
        ))}
      </div>
      <ul className="parts">
        {parts.map((part) => (
          <li key={part.name}>
            <i className="swatch" style={{ background: part.color }} />
            <span>
              {part.name}{' '}
              {part.count !== undefined && (
                <span className="faint">{part.count.toLocaleString('en')}</span>
              )}
            </span>
            <span>{formatSigned(part.value, 3)}</span>
          </li>
        ))}
        <li>
          <i />
          <span className="quiet">Bias</span>
          <span>{formatSigned(score.bias, 3)}</span>
        </li>
      </ul>
      <div className="row total">
        <span className="quiet">Sum, equals the logit</span>
        <b data-testid="logit">{formatSigned(score.logit, 3)}</b>
      </div>
      <p className="faint small under">
        {formatPercent(score.attentionOnCells)} of the attention falls on cells, the rest between
        them. The probability is the logistic function of logit /{' '}
        {kit.target.temperature.toFixed(2)}, the temperature fitted on fields that were held out in
        training.
      </p>
      {missed ? (
        <p className="small under warn">
          {missed} What the score rests on between cells may well be nuclei.
        </p>
      ) : (
        score.attentionOnCells < LITTLE_ATTENTION && (
          <p className="small under warn">
            Little of the attention falls on outlined cells: the score rests on what lies between
            them, or the segmenter has missed cells. Compare the outlines with the tissue.
          </p>
        )
      )}
    </section>
  );
}
