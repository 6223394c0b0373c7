import { X } from 'lucide-react';
import type { CellExplanation } from '../../analysis/explain.ts';
import { formatArea, formatLength, formatSigned } from '../../core/units.ts';
import { useCommands } from '../context.ts';
import { providerName, typeName } from '../names.ts';
import { useApp } from '../state.ts';
import { Crop } from './Crop.tsx';

const CARD = { width: 316, height: 490, gap: 24 };
const CROP_UM = 32;

/** What is known of the selected cell, beside it on the slide. */
export function CellCard() {
  const commands = useCommands();
  const cell = useApp((s) => s.selection);
  const kit = useApp((s) => s.kit);
  const mpp = useApp((s) => s.slide?.mpp ?? null);
  const transform = useApp((s) => s.transform);
  if (!cell || !kit || !mpp || !transform) return null;
  const side = CROP_UM / mpp;
  const neighbours = new Set(cell.tokens.flatMap((token) => token.shared)).size;
  const { segmenter, head } = kit;
  return (
    <section className="float card" style={placeCard(cell, transform)} aria-label="Selected cell">
      <div className="card-head">
        <div>
          <h2 className="card-title">{typeName(kit.types[cell.type])} cell</h2>
          <div className="quiet">
            predicted, confidence {cell.confidence.toFixed(2)}
            <br />
            {formatArea(cell.area)} · ⌀ {formatLength(cell.diameter)}
          </div>
        </div>
        <div className="crop">
          <Crop x={cell.x - side / 2} y={cell.y - side / 2} w={side} h={side} size={76} />
        </div>
        <button
          type="button"
          className="btn icon"
          aria-label="Close"
          onClick={() => void commands?.bench.select(-1)}
        >
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      <dl>
        <dt>Contribution to its field’s logit</dt>
        <dd className={cell.contribution < 0 ? 'against' : 'for'}>
          {formatSigned(cell.contribution, 4)}
        </dd>
        <dt>Attention rank (per µm²)</dt>
        <dd>
          {cell.attentionRank.toLocaleString('en')} of {cell.cells.toLocaleString('en')}
        </dd>
        <dt>Share of its field’s attention</dt>
        <dd>{(cell.attention * 100).toFixed(2)} %</dd>
        <dt>Class token of its field</dt>
        <dd>{formatSigned(cell.classShare)}</dd>
        <dt>Logit of its field</dt>
        <dd>{formatSigned(cell.fieldLogit)}</dd>
        <dt>Tokens touched, purity</dt>
        <dd>
          {cell.tokens.length}, {cell.purity.toFixed(2)}
        </dd>
        <dt>Neighbours on the same tokens</dt>
        <dd>{neighbours}</dd>
      </dl>
      {cell.purity < 0.5 && (
        <p className="quiet small">
          No token is mostly this cell: what is drawn on it is partly its neighbours’ and the
          tissue’s around it.
        </p>
      )}
      <p className="faint small">
        {segmenter.status.name} {segmenter.status.version} and {head.status.name}{' '}
        {head.status.version} · {providerName(head.status.provider)} · parity passed (segmenter{' '}
        {segmenter.status.parity.error.toExponential(1)}, head{' '}
        {head.status.parity.error.toExponential(1)}) · a token is {kit.tokenUm} µm
      </p>
    </section>
  );
}

/** Beside the cell, on the side with room, inside the stage. */
function placeCard(
  cell: CellExplanation,
  t: { scale: number; offsetX: number; offsetY: number; width: number; height: number },
): { left: number; top: number } {
  const x = cell.x * t.scale + t.offsetX;
  const y = cell.y * t.scale + t.offsetY;
  const right = x + CARD.gap + CARD.width < t.width - 16;
  const left = right ? x + CARD.gap : x - CARD.gap - CARD.width;
  const clamp = (value: number, max: number) => Math.max(16, Math.min(value, max));
  return {
    left: clamp(left, t.width - CARD.width - 16),
    top: clamp(y - CARD.height / 2, t.height - CARD.height - 16),
  };
}
