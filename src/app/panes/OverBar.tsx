import { Pause, Play } from 'lucide-react';
import { useCommands } from '../context.ts';
import { shownName } from '../names.ts';
import { setState, useApp } from '../state.ts';
import { BLINK_RATES, type PaneState } from './state.ts';

interface OverBarProps {
  pane: PaneState;
  /** While blinking: whether the slide that lies over is seen. */
  seen: boolean;
  show: (seen: boolean) => void;
}

/** Which two slides lie on one another, and how they change. */
export function OverBar({ pane, seen, show }: OverBarProps) {
  const commands = useCommands();
  const mode = useApp((s) => s.paneMode);
  const main = useApp((s) => (s.slide ? shownName(s.slide, s) : ''));
  const blinking = useApp((s) => s.blinking);
  const rate = useApp((s) => s.blinkRate);
  const name = useApp((s) => shownName(pane.slide, s));
  return (
    <section className="float over-bar" aria-label={mode === 'swipe' ? 'Swipe' : 'Blink'}>
      {mode === 'swipe' ? (
        <>
          <b>{main}</b>
          <span className="quiet">left</span>
          <span aria-hidden="true">|</span>
          <b>{name}</b>
          <span className="quiet">right</span>
        </>
      ) : (
        <>
          <b>{seen ? name : main}</b>
          <button type="button" className="btn line" onClick={() => show(!seen)}>
            Change
          </button>
          <button
            type="button"
            className="btn icon"
            aria-label={blinking ? 'Stop blinking' : 'Blink'}
            onClick={() => setState({ blinking: !blinking })}
          >
            {blinking ? (
              <Pause size={16} aria-hidden="true" />
            ) : (
              <Play size={16} aria-hidden="true" />
            )}
          </button>
          <label className="blink-rate">
            <input
              type="range"
              aria-label="Changes a second"
              min={BLINK_RATES.least}
              max={BLINK_RATES.most}
              step={0.5}
              value={rate}
              onChange={(event) => commands?.panes.set({ blinkRate: Number(event.target.value) })}
            />
            <span className="quiet">{rate} a second</span>
          </label>
        </>
      )}
    </section>
  );
}
