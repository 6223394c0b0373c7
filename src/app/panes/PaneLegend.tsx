import type { Legend } from '../../overlay/legend.ts';
import { typeName } from '../names.ts';

/** One line: what the colours on a pane mean, from which to which value, in which unit. */
export function PaneLegend({ legend }: { legend: Legend }) {
  const { title, shows, unit, gradient, ticks, categories } = legend;
  return (
    <section className="float pane-legend" aria-label={`Legend: ${title}`}>
      <b>{title}</b> <span className="quiet">{shows}</span>
      {gradient && ticks ? (
        <span className="pane-ramp">
          <span>{ticks[0]}</span>
          <i style={{ background: gradient }} />
          <span>{ticks[2]}</span>
        </span>
      ) : (
        categories.map(({ name, color, count }) => (
          <span key={name} className="quiet">
            <i className="swatch" style={{ background: color }} /> {typeName(name)}{' '}
            {count.toLocaleString('en')}
          </span>
        ))
      )}
      {unit && <span className="faint">{unit}</span>}
    </section>
  );
}
