import { useState } from 'react';
import { scaleOf } from '../../core/affine.ts';
import { useCommands } from '../context.ts';
import { LARGEST } from '../picture-tissue.ts';
import { useApp } from '../state.ts';

/** The view as a picture, and its tissue alone at a scale of the user's choice. */
export function PictureExports() {
  const commands = useCommands();
  const slide = useApp((s) => s.slide !== null);
  const drawing = useApp((s) => s.drawing);
  return (
    <>
      {[1, 2].map((times) => (
        <li key={times}>
          <button
            type="button"
            className="format"
            disabled={!slide || drawing}
            onClick={() => void commands?.pictures.saveViewShown(times)}
          >
            <b>{times === 1 ? 'Picture (PNG)' : 'Picture, twice as fine (PNG)'}</b>
            <span />
            <span className="faint">This view with overlay, scale bar and legend</span>
          </button>
        </li>
      ))}
      <RegionExport />
    </>
  );
}

/** µm per px that is offered first: the encoder's scale, near 20x. */
const USUAL = 0.5;

function RegionExport() {
  const commands = useCommands();
  const drawing = useApp((s) => s.drawing);
  const mpp = useApp((s) => s.slide?.mpp ?? null);
  const transform = useApp((s) => s.transform);
  const [text, setText] = useState(String(USUAL));
  const umPerPx = Number(text);
  const sane = Number.isFinite(umPerPx) && umPerPx > 0;
  if (!mpp || !transform) return null;
  const ratio = mpp / scaleOf(transform) / umPerPx;
  const [w, h] = [transform.width, transform.height].map((side) => Math.round(side * ratio));
  const fits = sane && Math.max(w, h) <= LARGEST && Math.min(w, h) >= 1;
  return (
    <li className="region-export">
      <b>Tissue of this view (PNG)</b>
      <label>
        <input
          inputMode="decimal"
          value={text}
          aria-label="Micrometres per pixel of the picture"
          onChange={(event) => setText(event.target.value)}
        />{' '}
        µm/px
      </label>
      <button
        type="button"
        className="btn line"
        disabled={!fits || drawing}
        onClick={() => void commands?.pictures.saveRegionShown(umPerPx)}
      >
        Export region
      </button>
      <span className="faint">
        {sane ? `${w} × ${h} px` : 'Enter a number.'}
        {sane && !fits && `: a picture holds at most ${LARGEST} × ${LARGEST}.`}
      </span>
    </li>
  );
}
