import { Crosshair, Lock, LockOpen, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { toCytolensError } from '../../core/errors.ts';
import { useCommands } from '../context.ts';
import { shownName } from '../names.ts';
import { report, useApp } from '../state.ts';
import { AlignBox } from './AlignBox.tsx';
import { PaneLegend } from './PaneLegend.tsx';
import { Pins } from './Pins.tsx';
import { ShowsPicker } from './ShowsPicker.tsx';
import type { PaneMode, PaneState } from './state.ts';

interface PaneViewProps {
  pane: PaneState;
  /** Beside the main pane, or over it behind the divider or in turns. */
  mode: PaneMode;
  seen: boolean;
}

/** A slide beside the main one: its bar, its picture, its cells, its legend. */
export function PaneView({ pane, mode, seen }: PaneViewProps) {
  const { n, slide, legend, asking } = pane;
  const commands = useCommands();
  const name = useApp((s) => shownName(slide, s));
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const aligning = useApp((s) => s.aligning?.n === n);
  useEffect(() => {
    if (!commands || !stage.current || !canvas.current) return;
    const { panes } = commands;
    panes.attach(n, stage.current, canvas.current).catch((error) => report(toCytolensError(error)));
    return () => panes.detach(n);
  }, [commands, n]);
  return (
    <section
      className={`pane further ${mode}${seen ? '' : ' unseen'}`}
      data-n={n}
      aria-label={`Pane ${n}: ${name}`}
    >
      <div className="stage" ref={stage} />
      <canvas className="overlay" ref={canvas} />
      {mode === 'side' && (
        <>
          <PaneBar pane={pane} />
          {aligning && <Pins n={n} side="other" view={pane.transform} />}
          {aligning ? <AlignBox pane={pane} /> : legend && <PaneLegend legend={legend} />}
          <Missing pane={pane} />
          {asking && (
            <p className="float pane-asking" role="status">
              Asking the other head: {asking.done} of {asking.total} fields
            </p>
          )}
        </>
      )}
    </section>
  );
}

/** How much of the slide is hatched for want of its pixels, and another try. */
function Missing({ pane: { n, missing } }: { pane: PaneState }) {
  const commands = useCommands();
  if (!missing) return null;
  return (
    <p className="float pane-asking" role="status">
      {missing.count.toLocaleString('en')} {missing.count === 1 ? 'tile' : 'tiles'} could not be
      loaded. {missing.reason}{' '}
      <button type="button" className="link" onClick={() => commands?.panes.retryMissing(n)}>
        Try again
      </button>
    </p>
  );
}

function PaneBar({ pane }: { pane: PaneState }) {
  const { n, slide, locked, alignment } = pane;
  const commands = useCommands();
  const name = useApp((s) => shownName(slide, s));
  const same = useApp((s) => s.slide?.info.id === slide.info.id);
  const aligning = useApp((s) => s.aligning?.n === n);
  const { mpp } = slide;
  const how = alignment ? 'aligned by landmarks' : 'as far apart as they are';
  return (
    <div className="pane-bar">
      <span className="pane-number">{n}</span>
      <span className="pane-name" title={name}>
        <b>{name}</b>
        <span className="quiet">
          {mpp === null ? 'scale unknown' : `${Number(mpp.toFixed(4))} µm/px`}
          {alignment && ' · aligned'}
        </span>
      </span>
      {same ? (
        <ShowsPicker pane={pane} />
      ) : (
        <button
          type="button"
          className="btn"
          aria-pressed={aligning}
          onClick={() =>
            aligning ? commands?.panes.landmarks.stop() : commands?.panes.landmarks.start(n)
          }
        >
          <Crosshair size={16} aria-hidden="true" /> Align
        </button>
      )}
      <button
        type="button"
        className="btn icon"
        aria-pressed={locked}
        aria-label={`Lock pane ${n} to the main pane`}
        title={locked ? `Moves with the main pane, ${how}` : 'Moves alone'}
        onClick={() => commands?.panes.lock(n, !locked)}
      >
        {locked ? <Lock size={16} aria-hidden="true" /> : <LockOpen size={16} aria-hidden="true" />}
      </button>
      <button
        type="button"
        className="btn icon"
        aria-label={`Close pane ${n}`}
        onClick={() => commands?.panes.close(n)}
      >
        <X size={16} aria-hidden="true" />
      </button>
    </div>
  );
}
