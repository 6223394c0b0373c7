import { scaleLinear } from 'd3-scale';
import { curveLinearClosed, lineRadial, pointRadial } from 'd3-shape';
import type { StressLook } from '../../audit/audit.ts';
import type { Stressed } from './state.ts';

const SIZE = 250;
const RADIUS = 98;
const RINGS = [0.25, 0.5, 0.75, 1];

/** Side of a square mark and radius of a round one, px. */
const MARK = 3;

/**
 * The probability at 24 angles: distance from the middle, 0 to 1. The head in use as dots on a line,
 * its other variant as squares on a dashed one.
 */
export function Dial({ stress, names }: { stress: Stressed; names: [string, string | null] }) {
  const turned = stress.families.find(({ family }) => family === 'rotation')?.looks ?? [];
  const looks = [stress.original, ...turned];
  const radius = scaleLinear([0, 1], [0, RADIUS]);
  const at = ({ angle }: StressLook) => ((angle ?? 0) * Math.PI) / 180;
  const line = (value: (look: StressLook) => number) =>
    lineRadial<StressLook>()
      .angle(at)
      .radius((look) => radius(value(look)))
      .curve(curveLinearClosed)(looks) ?? undefined;
  const withPartner = looks.every(({ partner }) => partner !== null);
  const said = (value: (look: StressLook) => number) => {
    const all = looks.map(value);
    return `${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)}`;
  };
  const label = `Probability over ${looks.length} angles: ${names[0]} ${said((l) => l.probability)}${
    withPartner ? `, ${names[1]} ${said((l) => l.partner ?? 0)}` : ''
  }`;
  return (
    <figure className="dial">
      <svg viewBox={`${-SIZE / 2} ${-SIZE / 2} ${SIZE} ${SIZE}`} role="img" aria-label={label}>
        {RINGS.map((ring) => (
          <circle key={ring} className={ring === 0.5 ? 'rule half' : 'rule'} r={radius(ring)} />
        ))}
        {[0, 90, 180, 270].map((angle) => {
          const [x, y] = pointRadial((angle * Math.PI) / 180, RADIUS + 15);
          return (
            <text key={angle} className="angle" x={x} y={y}>
              {angle}°
            </text>
          );
        })}
        {withPartner && (
          <g className="partner">
            <path d={line((look) => look.partner ?? 0)} />
            {looks.map((look) => {
              const [x, y] = pointRadial(at(look), radius(look.partner ?? 0));
              return (
                <rect key={look.id} x={x - MARK} y={y - MARK} width={2 * MARK} height={2 * MARK} />
              );
            })}
          </g>
        )}
        <g className="head">
          <path d={line((look) => look.probability)} />
          {looks.map((look) => {
            const [x, y] = pointRadial(at(look), radius(look.probability));
            return (
              <circle key={look.id} cx={x} cy={y} r={MARK}>
                <title>
                  {look.label}: {look.probability.toFixed(3)}
                </title>
              </circle>
            );
          })}
        </g>
        {RINGS.map((ring) => (
          <text key={ring} className="ring" x={3} y={-radius(ring) - 2}>
            {ring}
          </text>
        ))}
      </svg>
      <figcaption className="faint small">
        Probability at 24 angles, 0 in the middle, 1 at the rim; the dashed ring is 0.5.{' '}
        <Mark kind="head" /> {names[0]} (in use)
        {withPartner && (
          <>
            {' '}
            <Mark kind="partner" /> {names[1]}
          </>
        )}
      </figcaption>
    </figure>
  );
}

/** The sign of a head in a line of text. */
function Mark({ kind }: { kind: 'head' | 'partner' }) {
  return (
    <svg className={`stress-mark ${kind}`} viewBox="-5 -5 10 10" aria-hidden="true">
      {kind === 'head' ? (
        <circle r={MARK} />
      ) : (
        <rect x={-MARK} y={-MARK} width={2 * MARK} height={2 * MARK} />
      )}
    </svg>
  );
}
