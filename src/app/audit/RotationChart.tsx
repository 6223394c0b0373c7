import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { EncoderAudit } from '../../audit/encoder/encoder-audit.ts';
import type { RotationAudit } from '../../audit/encoder/seen-views.ts';

const SIZE = { width: 420, height: 200, left: 34, right: 16, top: 10, bottom: 26 };
const MARK = 3.5;
/** One encoder after the other; dashes tell them apart where colours do not. */
const LINES = ['', '6 3', '2 3', '8 3 2 3'];

/**
 * Neighbours kept at every angle. Quarter turns are squares and stand apart, since only they move
 * pixels exactly; the line joins the others. Below: chance.
 */
export function RotationChart({ audits }: { audits: readonly EncoderAudit[] }) {
  const turned = audits.flatMap(({ title, rotation }, at) =>
    rotation ? [{ title, rotation, at }] : [],
  );
  if (turned.length === 0) return null;
  const { width, height, left, right, top, bottom } = SIZE;
  const x = scaleLinear([0, 360], [left, width - right]);
  const y = scaleLinear([0, 1], [height - bottom, top]);
  const { chance, k, samples } = turned[0].rotation;
  return (
    <figure className="audit-chart">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={spoken(turned)}>
        {[0, 0.2, 0.4, 0.6, 0.8, 1].map((tick) => (
          <g key={tick}>
            <line className="rule" x1={left} x2={width - right} y1={y(tick)} y2={y(tick)} />
            <text x={left - 6} y={y(tick) + 3} textAnchor="end">
              {tick}
            </text>
          </g>
        ))}
        {[0, 90, 180, 270, 360].map((angle) => (
          <text key={angle} x={x(angle)} y={height - 8} textAnchor="middle">
            {angle}°
          </text>
        ))}
        <line className="chance" x1={left} x2={width - right} y1={y(chance)} y2={y(chance)} />
        {turned.map(({ title, rotation, at }) => (
          <g key={title} className={`encoder-${at % 4}`}>
            {quarters(rotation).map((part) => (
              <path key={part[0].angle} d={pathOf(part)} strokeDasharray={LINES[at % 4]} />
            ))}
            {rotation.angles.map(({ angle, kept }) =>
              kept.value === null ? null : (
                <Mark
                  key={angle}
                  x={x(angle)}
                  y={y(kept.value)}
                  square={angle % 90 === 0}
                  said={`${title}, ${angle}°: ${kept.value.toFixed(3)}`}
                />
              ),
            )}
          </g>
        ))}
      </svg>
      <figcaption className="faint small">
        Share of the {k} nearest neighbours kept when all {samples} tiles are turned. Squares:
        quarter turns, exact. Dots: between them, by cubic interpolation. Dashed: chance (
        {chance.toFixed(2)}).
        {turned.length > 1 && (
          <span className="audit-legend">
            {turned.map(({ title, at }) => (
              <span key={title} className={`encoder-${at % 4}`}>
                {title}
              </span>
            ))}
          </span>
        )}
      </figcaption>
    </figure>
  );

  function pathOf(part: RotationAudit['angles']): string | undefined {
    const draw = line<RotationAudit['angles'][number]>()
      .x(({ angle }) => x(angle))
      .y(({ kept }) => y(kept.value ?? 0));
    return draw(part) ?? undefined;
  }
}

/** The angles between quarter turns, quarter by quarter. */
function quarters({ angles }: RotationAudit): RotationAudit['angles'][] {
  return [0, 90, 180, 270].map((from) =>
    angles.filter(({ angle }) => angle > from && angle < from + 90),
  );
}

function Mark(props: { x: number; y: number; square: boolean; said: string }) {
  const { x, y, square, said } = props;
  return square ? (
    <rect x={x - MARK} y={y - MARK} width={2 * MARK} height={2 * MARK}>
      <title>{said}</title>
    </rect>
  ) : (
    <circle cx={x} cy={y} r={2.4}>
      <title>{said}</title>
    </circle>
  );
}

function spoken(turned: readonly { title: string; rotation: RotationAudit }[]): string {
  const said = turned.map(({ title, rotation: { quarter, between } }) => {
    const [exact, other] = [quarter, between].map(({ value }) => value?.toFixed(2) ?? 'unknown');
    return `${title}: ${exact} at quarter turns, ${other} at the others`;
  });
  return `Neighbours kept over 23 angles. ${said.join('; ')}`;
}
