import { type CSSProperties, type ReactNode, useEffect, useState } from 'react';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { Divider } from './Divider.tsx';
import { OverBar } from './OverBar.tsx';
import { PaneView } from './PaneView.tsx';
import { Pins } from './Pins.tsx';
import { laidOver } from './state.ts';

/** The main pane and those beside it, or one laid over it. */
export function PaneArea({ children }: { children: ReactNode }) {
  const commands = useCommands();
  const panes = useApp((s) => s.panes);
  const mode = useApp((s) => s.paneMode);
  const split = useApp((s) => s.split);
  const swipe = useApp((s) => s.swipe);
  const aligning = useApp((s) => s.aligning);
  const transform = useApp((s) => (s.aligning ? s.transform : null));
  const cellsOnTop = useApp((s) => s.cellsOnTop);
  const over = useApp(laidOver);
  const [seen, setSeen] = useBlink(mode === 'blink');
  const set = commands?.panes;
  const columns = panes.length + (over ? 0 : 1);
  const style = { '--split-x': split.x, '--split-y': split.y, '--swipe': swipe } as CSSProperties;
  return (
    <main
      aria-label="Slide"
      className={`panes${over && cellsOnTop ? ' cells-on-top' : ''}`}
      data-count={columns}
      style={style}
    >
      {children}
      {panes.map((pane) => {
        const kind = pane === over ? mode : 'side';
        return <PaneView key={pane.n} pane={pane} mode={kind} seen={kind !== 'blink' || seen} />;
      })}
      {aligning && <Pins n={aligning.n} side="main" view={transform} />}
      {columns > 1 && (
        <Divider
          className="split-x"
          label="Width of the main pane"
          axis="x"
          value={split.x}
          change={(x) => set?.set({ split: { ...split, x } })}
        />
      )}
      {columns > 2 && (
        <Divider
          className="split-y"
          label="Height of the upper panes"
          axis="y"
          value={split.y}
          change={(y) => set?.set({ split: { ...split, y } })}
        />
      )}
      {over && mode === 'swipe' && (
        <div className="over-main">
          <Divider
            className="swipe"
            label="Main slide to the left, the other to the right"
            axis="x"
            value={swipe}
            change={(value) => set?.set({ swipe: value })}
          />
        </div>
      )}
      {over && <OverBar pane={over} seen={seen} show={setSeen} />}
    </main>
  );
}

/** Whether the slide that lies over is seen just now. */
function useBlink(on: boolean): [boolean, (seen: boolean) => void] {
  const [seen, setSeen] = useState(true);
  const blinking = useApp((s) => s.blinking);
  const rate = useApp((s) => s.blinkRate);
  useEffect(() => {
    if (!on || !blinking) return;
    const timer = setInterval(() => setSeen((now) => !now), 1000 / rate);
    return () => clearInterval(timer);
  }, [on, blinking, rate]);
  return [seen, setSeen];
}
