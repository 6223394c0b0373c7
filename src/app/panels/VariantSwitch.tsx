import type { HeadScore } from '../../analysis/score.ts';
import type { HeadVariant } from '../../model/manifest.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { partnerNoAnswer, useNoAnswer } from '../trust/NoAnswer.tsx';

const TRAINED: Record<HeadVariant, string> = {
  baseline: 'Trained on the task alone',
  robust: 'Trained so that other stains and scanners move it less',
};

interface Side {
  id: string;
  variant: HeadVariant;
  said: HeadScore;
  /** Why this head gives no answer here; null where it gives one. */
  why: string | null;
  used: boolean;
}

/** Baseline and robust head on one embedding: both scores, and which of them colours the cells. */
export function VariantSwitch() {
  const commands = useCommands();
  const kit = useApp((s) => s.kit);
  const score = useApp((s) => s.score);
  const preparing = useApp((s) => s.preparing);
  const why = useNoAnswer();
  const whyPartner = useApp(partnerNoAnswer);
  const anyway = useApp((s) => s.scoreAnyway);
  if (!kit?.partner || !kit.partnerTarget || !score?.partner) return null;
  const sides: Side[] = [
    { id: kit.head.status.id, variant: kit.target.variant, said: score, why, used: true },
    {
      id: kit.partner.status.id,
      variant: kit.partnerTarget.variant,
      said: score.partner,
      why: whyPartner,
      used: false,
    },
  ];
  sides.sort((a, b) => a.variant.localeCompare(b.variant));
  const withheld = !anyway && (why ?? whyPartner) !== null;
  const apart = Math.abs(score.probability - score.partner.probability);
  return (
    <fieldset className="variants">
      <legend className="quiet small">
        Heads on this embedding{!withheld && `, ${apart.toFixed(2)} apart`}
      </legend>
      {sides.map(({ id, variant, said, why, used }) => (
        <button
          key={id}
          type="button"
          aria-pressed={used}
          disabled={preparing !== null}
          title={why ? `${TRAINED[variant]}. No answer: ${why}` : TRAINED[variant]}
          onClick={() => void commands?.chooseHeadShown(id)}
        >
          <span>{variant === 'robust' ? 'Robust' : 'Baseline'}</span>
          {why && !anyway ? (
            <b className="warn">no answer</b>
          ) : (
            <b>{said.probability.toFixed(2)}</b>
          )}
        </button>
      ))}
    </fieldset>
  );
}
