import type { AxisVerdict } from '../../audit/audit.ts';
import { axesOf, VERDICT_RULE } from '../../audit/stress/verdict.ts';
import { useNoAnswer } from './NoAnswer.tsx';
import type { Stressed } from './state.ts';

/**
 * What a field's score does not depend on, one badge an axis. Steady is no good news where there is
 * no answer.
 */
export function AxisBadges({ stress }: { stress: Stressed }) {
  const steady = useNoAnswer() === null ? 'good' : 'none';
  return (
    <div className="badges axes under" data-testid="axes">
      {axesOf(stress).map((axis) => (
        <div
          key={axis.axis}
          className={`badge ${axis.verdict === null ? 'none' : axis.verdict === 'steady' ? steady : 'warn'}`}
          data-axis={axis.axis}
          title={tipOf(axis)}
        >
          <span>{axis.label}</span>
          <b>{axis.verdict === null ? 'not made' : `${axis.verdict} ${axis.spread.toFixed(2)}`}</b>
        </div>
      ))}
    </div>
  );
}

function tipOf({ looks, spread, flips }: AxisVerdict): string {
  if (looks === 0) return 'No look of this kind could be made of this field.';
  return `This field only: spread ${spread.toFixed(3)}, ${flips} of ${looks} looks on the other side of 0.5. Rule: ${VERDICT_RULE}.`;
}
