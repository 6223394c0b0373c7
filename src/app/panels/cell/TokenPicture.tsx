import type { CellExplanation } from '../../../analysis/explain.ts';
import { outline } from '../../../core/cells.ts';
import { formatPercent } from '../../../core/units.ts';
import { useCommands } from '../../context.ts';
import { useApp } from '../../state.ts';
import { Crop } from '../Crop.tsx';

const SIZE = 112;
const LEAST_UM = 40;

/** The cell's tissue with the token grid, the tokens it touches marked by how much it covers. */
export function TokenPicture({ cell }: { cell: CellExplanation }) {
  const commands = useCommands();
  const mpp = useApp((s) => s.slide?.mpp ?? null);
  const [first] = cell.tokens;
  if (!commands || !mpp || !first) return null;
  const token = first.rect.w;
  const side = Math.max(LEAST_UM, cell.diameter + 16) / mpp;
  const x = cell.x - side / 2;
  const y = cell.y - side / 2;
  const points = outline(commands.bench.cells, cell.index);
  return (
    <div className="token-picture" style={{ width: SIZE, height: SIZE }}>
      <Crop x={x} y={y} w={side} h={side} size={SIZE} />
      <svg viewBox={`${x} ${y} ${side} ${side}`} role="img" aria-label={labelOf(cell)}>
        {cell.tokens.map(({ rect, share, field, token }) => (
          <rect
            key={`${field} ${token}`}
            className="covered"
            x={rect.x}
            y={rect.y}
            width={rect.w}
            height={rect.h}
            fillOpacity={0.1 + 0.4 * share}
          />
        ))}
        <path
          className="grid-lines"
          d={lines(x, y, side, token, first.rect.x, first.rect.y)}
          vectorEffect="non-scaling-stroke"
        />
        <polygon
          className="cell-outline"
          points={Array.from(points).join(' ')}
          vectorEffect="non-scaling-stroke"
        />
      </svg>
    </div>
  );
}

function labelOf({ tokens }: CellExplanation): string {
  const most = Math.max(...tokens.map((token) => token.share));
  return `Tissue around the cell with the token grid: it touches ${tokens.length} tokens and covers at most ${formatPercent(most)} of one`;
}

/** Lines of the token grid through a square, as an SVG path in slide pixels. */
function lines(x: number, y: number, side: number, step: number, x0: number, y0: number): string {
  const parts: string[] = [];
  const from = (low: number, origin: number) => origin + Math.ceil((low - origin) / step) * step;
  for (let at = from(x, x0); at < x + side; at += step) parts.push(`M${at} ${y}V${y + side}`);
  for (let at = from(y, y0); at < y + side; at += step) parts.push(`M${x} ${at}H${x + side}`);
  return parts.join('');
}
