import type { HeadScore } from '../../analysis/score.ts';
import type { HeadVariant } from '../../model/manifest.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { useNoAnswer } from '../trust/NoAnswer.tsx';

/** Baseline and robust head on one embedding: both scores, and which of them colours the cells. */
export function VariantSwitch() {
  const commands = useCommands();
  const kit = useApp((s) => s.kit);
  const score = useApp((s) => s.score);
  const preparing = useApp((s) => s.preparing);
  const why = useNoAnswer();
  const withheld = useApp((s) => !s.scoreAnyway) && why !== null;
  if (!kit?.partner || !kit.partnerTarget || !score?.partner) return null;
  const sides: { id: string; variant: HeadVariant; said: HeadScore; used: boolean }[] = [
    { id: kit.head.status.id, variant: kit.target.variant, said: score, used: true },
    {
      id: kit.partner.status.id,
      variant: kit.partnerTarget.variant,
      said: score.partner,
      used: false,
    },
  ];
  sides.sort((a, b) => a.variant.localeCompare(b.variant));
  const apart = Math.abs(score.probability - score.partner.probability);
  return (
    <fieldset className="variants">
      <legend className="quiet small">
        Heads on this embedding{!withheld && `, ${apart.toFixed(2)} apart`}
      </legend>
      {sides.map(({ id, variant, said, used }) => (
        <button
          key={id}
          type="button"
          aria-pressed={used}
          disabled={preparing !== null}
          title={
            variant === 'robust'
              ? 'Trained so that other stains and scanners move it less'
              : 'Trained on the task alone'
          }
          onClick={() => void commands?.chooseHeadShown(id)}
        >
          <span>{variant === 'robust' ? 'Robust' : 'Baseline'}</span>
          <b>{withheld ? '–' : said.probability.toFixed(2)}</b>
        </button>
      ))}
    </fieldset>
  );
}
