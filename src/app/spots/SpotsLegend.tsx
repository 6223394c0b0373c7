import { cssGradient } from '../../core/colormap.ts';
import type { ShownSpots } from './state.ts';
import { plainValue, shownValue } from './words.ts';

/** The colours of spots, their ends and their unit. */
export function SpotsLegend({ shown }: { shown: Omit<ShownSpots, 'title'> }) {
  const format = shown.low < 0 ? shownValue : plainValue;
  return (
    <div className="spots-legend small">
      <div className="spots-colours" style={{ background: cssGradient(shown.map) }} />
      <div className="row quiet">
        <span>{format(shown.low)}</span>
        <span>{shown.unit}</span>
        <span>{format(shown.high)}</span>
      </div>
    </div>
  );
}
