import { X } from 'lucide-react';
import { type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';
import type { CellExplanation } from '../../analysis/explain.ts';
import { apply, type ScreenTransform } from '../../core/affine.ts';
import { formatArea, formatLength } from '../../core/units.ts';
import { useCommands } from '../context.ts';
import { providerName, typeName } from '../names.ts';
import { getState, useApp } from '../state.ts';
import { CellFacts } from './cell/CellFacts.tsx';
import { Likeness } from './cell/Likeness.tsx';
import { Neighbours } from './cell/Neighbours.tsx';
import { placeCard } from './cell/place-card.ts';
import { TokenPicture } from './cell/TokenPicture.tsx';

/** What a card must not cover: tools, map, scale, progress, the score while presenting, legends. */
const BOXES = '.tools, .minimap, .foot .float';

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
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (place.current && transform) put(place.current, cell, transform);
  }, [cell, transform]);
  useEffect(() => {
    const holder = place.current;
    if (!holder) return;
    // What it says comes in parts, and legends come and go.
    const watch = new ResizeObserver(() => {
      const { selection, transform: now } = getState();
      if (selection && now) put(holder, selection, now);
    });
    for (const part of holder.querySelectorAll('.card > *')) watch.observe(part);
    const foot = paneOf(holder)?.querySelector('.foot');
    if (foot) watch.observe(foot);
    return () => watch.disconnect();
  }, []);
  return (
    <div className="card-place" ref={place}>
      <section className="float card" aria-label="Selected cell">
        {children}
      </section>
    </div>
  );
}

/** Move the card in `place` beside its cell, in its pane. */
function put(place: HTMLElement, cell: CellExplanation, transform: ScreenTransform): void {
  const card = place.firstElementChild;
  const pane = paneOf(place);
  if (!pane || !(card instanceof HTMLElement)) return;
  const view = pane.getBoundingClientRect();
  const boxes = Array.from(pane.querySelectorAll(BOXES), (box) => {
    const { x, y, width, height } = box.getBoundingClientRect();
    return { x: x - view.x, y: y - view.y, w: width, h: height };
  });
  const { width } = card.getBoundingClientRect();
  // While presenting, boxes are drawn larger than they say.
  const zoom = width / card.offsetWidth;
  const size = { width, height: (card.scrollHeight + 2 * card.clientTop) * zoom };
  const at = apply(transform, cell.x, cell.y);
  const { left, top, maxHeight } = placeCard(at, size, view, boxes);
  place.style.transform = `translate(${left}px, ${top}px)`;
  card.style.maxHeight = `${maxHeight / zoom}px`;
}

function paneOf(place: HTMLElement): Element | null {
  return place.closest('.pane');
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
