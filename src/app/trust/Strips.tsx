import { median } from 'd3-array';
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

/** A probability's place on the strip, which is as wide as its column: in per cent, marks keep their size. */
const at = (probability: number) => `${100 * probability}%`;

/** One row a family: every look's probability as a mark between 0 and 1. */
export function Strips(props: {
  stress: Stressed;
  /** The family whose most disturbing look is shown as a picture. */
  chosen: Family;
  onChoose: (family: Family) => void;
}) {
  const { stress, chosen, onChoose } = props;
  return (
    <table className="strips">
      <thead>
        <tr>
          <th>Change</th>
          <th>Probability, 0 to 1</th>
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
                  role="img"
                  aria-label={`${looks.length} looks, spread ${spread.head.toFixed(2)}`}
                >
                  <line className="rule" x2="100%" y1={10} y2={10} />
                  <line className="half" x1={at(0.5)} x2={at(0.5)} y1={1} y2={19} />
                  <line
                    className="as-is"
                    x1={at(stress.original.probability)}
                    x2={at(stress.original.probability)}
                    y1={2}
                    y2={18}
                  />
                  {looks.map(({ id, label, probability, partner }) => (
                    <g key={id}>
                      {partner !== null && (
                        <rect
                          className="partner"
                          x={at(partner)}
                          y={12}
                          width={4}
                          height={4}
                          transform="translate(-2 0)"
                        />
                      )}
                      <circle className="head" cx={at(probability)} cy={7} r={2.5}>
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
