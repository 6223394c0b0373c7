import { median } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import type { Family } from '../../audit/audit.ts';
import type { Stressed } from './state.ts';

export const FAMILY_NAMES: Record<Family, string> = {
  rotation: 'Rotation',
  mirror: 'Mirror',
  stain: 'Stain',
  scanner: 'Scanner',
  focus: 'Blur',
  compression: 'JPEG',
  light: 'Brightness',
  scale: 'Scale',
  position: 'Shift',
  pattern: 'Adversarial',
  noise: 'Noise',
};

const SIZE = { width: 120, height: 20 };
const EDGE = 5;

/** One row a family: every look's probability as a mark between 0 and 1. */
export function Strips(props: {
  stress: Stressed;
  /** The family whose most disturbing look is shown as a picture. */
  chosen: Family;
  onChoose: (family: Family) => void;
}) {
  const { stress, chosen, onChoose } = props;
  const x = scaleLinear([0, 1], [EDGE, SIZE.width - EDGE]);
  return (
    <table className="strips">
      <thead>
        <tr>
          <th>Change</th>
          <th>0 – probability – 1</th>
          <th title="Largest less smallest probability of the head in use">Spread</th>
          <th title="Looks on the other side of 0.5 than the field as it is">Flips</th>
          <th title="Median Spearman correlation of the cells’ attention with that in the field as it is">
            Rank
          </th>
        </tr>
      </thead>
      <tbody>
        {stress.families.map(({ family, looks, spread, flips }) => {
          const rank = median(looks, (look) => look.rank ?? undefined);
          return (
            <tr key={family} data-family={family}>
              <th scope="row">
                <button
                  type="button"
                  className="link"
                  aria-pressed={family === chosen}
                  onClick={() => onChoose(family)}
                >
                  {FAMILY_NAMES[family]}
                </button>
              </th>
              <td>
                <svg
                  viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
                  role="img"
                  aria-label={`${looks.length} looks, spread ${spread.head.toFixed(2)}`}
                >
                  <path className="rule" d={`M${EDGE} 10H${SIZE.width - EDGE}`} />
                  <path className="half" d={`M${x(0.5)} 1V19`} />
                  <path className="as-is" d={`M${x(stress.original.probability)} 2V18`} />
                  {looks.map(({ id, label, probability, partner }) => (
                    <g key={id}>
                      {partner !== null && (
                        <rect className="partner" x={x(partner) - 2} y={12} width={4} height={4} />
                      )}
                      <circle className="head" cx={x(probability)} cy={7} r={2.5}>
                        <title>
                          {label}: {probability.toFixed(3)}
                        </title>
                      </circle>
                    </g>
                  ))}
                </svg>
              </td>
              <td>{spread.head.toFixed(2)}</td>
              <td>
                {flips.head}/{looks.length}
              </td>
              <td>{rank === undefined ? '–' : rank.toFixed(2)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
