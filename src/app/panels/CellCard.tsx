import { X } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import type { CellExplanation } from '../../analysis/explain.ts';
import { apply, type ScreenTransform } from '../../core/affine.ts';
import { formatArea, formatLength } from '../../core/units.ts';
import { useCommands } from '../context.ts';
import { providerName, typeName } from '../names.ts';
import { useApp } from '../state.ts';
import { CellFacts } from './cell/CellFacts.tsx';
import { Likeness } from './cell/Likeness.tsx';
import { Neighbours } from './cell/Neighbours.tsx';
import { TokenPicture } from './cell/TokenPicture.tsx';

/** `height` is that of a card with all it can show. */
const CARD = { width: 316, height: 580, gap: 24 };

/** What is known of the selected cell, beside it on the slide. */
export function CellCard() {
  const commands = useCommands();
  const cell = useApp((s) => s.selection);
  const kit = useApp((s) => s.kit);
  useEffect(() => {
    if (!commands || !cell) return;
    const abort = new AbortController();
    void commands.explaining.showWhatIf(cell.index, abort.signal);
    return () => abort.abort();
  }, [commands, cell]);
  if (!cell || !kit) return null;
  return (
    <Placed cell={cell}>
      <div className="card-head">
        <div>
          <h2 className="card-title">{typeName(kit.types[cell.type])} cell</h2>
          <div className="quiet small">
            predicted,
            <br />
            confidence {cell.confidence.toFixed(2)}
            <br />
            {formatArea(cell.area)}
            <br />⌀ {formatLength(cell.diameter)}
          </div>
        </div>
        <TokenPicture cell={cell} />
        <button
          type="button"
          className="btn icon"
          aria-label="Close"
          onClick={() => void commands?.bench.select(-1)}
        >
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      <CellFacts cell={cell} />
      <Neighbours cell={cell} />
      <Likeness cell={cell} />
      <Origin cell={cell} />
    </Placed>
  );
}

/** The card moves with its cell; what it says is not rendered anew for that. */
function Placed({ cell, children }: { cell: CellExplanation; children: ReactNode }) {
  const transform = useApp((s) => s.transform);
  if (!transform) return null;
  return (
    <section className="float card" style={placeCard(cell, transform)} aria-label="Selected cell">
      {children}
    </section>
  );
}

/** What the numbers come from, and how far they can be told apart from the neighbours'. */
function Origin({ cell }: { cell: CellExplanation }) {
  const kit = useApp((s) => s.kit);
  const whatIf = useApp((s) => s.whatIf);
  if (!kit) return null;
  const { segmenter, head } = kit;
  return (
    <details className="quiet small">
      <summary>Where these numbers come from</summary>
      {cell.purity < 0.5 && (
        <p>
          No token is mostly this cell: what is drawn on it is partly its neighbours’ and the
          tissue’s around it.
        </p>
      )}
      {whatIf?.background && (
        <p>
          Without it: the tokens under it are replaced, as far as it covers them, by the mean token
          between cells of {whatIf.background.fields} of {whatIf.background.of} fields, and the head
          is asked again.
        </p>
      )}
      <p>
        {segmenter.status.name} {segmenter.status.version} and {head.status.name}{' '}
        {head.status.version} · {providerName(head.status.provider)} · parity passed (segmenter{' '}
        {segmenter.status.parity.error.toExponential(1)}, head{' '}
        {head.status.parity.error.toExponential(1)}) · a token is {kit.tokenUm} µm
      </p>
    </details>
  );
}

/** Beside the cell, on the side with room, inside the stage. */
function placeCard(cell: CellExplanation, t: ScreenTransform): { left: number; top: number } {
  const { x, y } = apply(t, cell.x, cell.y);
  const right = x + CARD.gap + CARD.width < t.width - 16;
  const left = right ? x + CARD.gap : x - CARD.gap - CARD.width;
  const clamp = (value: number, max: number) => Math.max(16, Math.min(value, max));
  return {
    left: clamp(left, t.width - CARD.width - 16),
    top: clamp(y - CARD.height / 2, t.height - CARD.height - 16),
  };
}
