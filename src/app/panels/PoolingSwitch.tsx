import type { Pooling } from '../../analysis/score.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

const CHOICES: { pooling: Pooling; name: string; tip: string }[] = [
  { pooling: 'mean', name: 'Alike', tip: 'The mean of the fields: every field counts the same' },
  {
    pooling: 'attention',
    name: 'By attention',
    tip: 'The head’s own attention over all tokens of the slide decides how much a field counts. It was trained within fields only',
  },
];

/** How fields make one score: alike, or weighed by the head's attention over the whole slide. */
export function PoolingSwitch() {
  const commands = useCommands();
  const gated = useApp((s) => s.kit?.gated ?? false);
  const score = useApp((s) => s.score);
  if (!gated || !score || score.fields < 2) return null;
  const { effectiveFields, fields, pooling } = score;
  return (
    <fieldset className="variants">
      <legend className="quiet small">
        Fields count
        {pooling === 'attention' &&
          ` · rests on about ${effectiveFields.toFixed(effectiveFields < 10 ? 1 : 0)} of ${fields.toLocaleString('en')}`}
      </legend>
      {CHOICES.map((choice) => (
        <button
          key={choice.pooling}
          type="button"
          aria-pressed={pooling === choice.pooling}
          title={choice.tip}
          onClick={() => void commands?.running.pool(choice.pooling)}
        >
          <span>{choice.name}</span>
        </button>
      ))}
    </fieldset>
  );
}
