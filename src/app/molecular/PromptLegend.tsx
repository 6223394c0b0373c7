import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { promptLegend } from './prompt-legend.ts';
import { setMolecular } from './prompting.ts';

/** What the colours of the fields mean. */
export function PromptLegend() {
  const commands = useCommands();
  const molecular = useApp((s) => s.molecular);
  const kit = useApp((s) => s.kit);
  const score = useApp((s) => s.score);
  const shown = molecular.map ? (commands?.prompting.shown() ?? null) : null;
  const legend = promptLegend({ molecular, kit, score }, shown);
  if (!legend) return null;
  const { opacity } = molecular;
  return (
    <section className="float legend" aria-label="Legend of the gene set map">
      <div className="row">
        <b>{legend.title}</b>
      </div>
      {legend.notes.map((caveat) => (
        <div key={caveat} className="prompt-caveat">
          {caveat}
        </div>
      ))}
      <div className="ramp" style={{ background: legend.gradient }} />
      <div className="row quiet">
        {legend.ticks.map((tick, i) => (
          <span key={['low', 'middle', 'high'][i]}>{tick}</span>
        ))}
      </div>
      <div className="faint">{legend.unit}</div>
      <div className="sliders">
        <label htmlFor="prompt-opacity">Opacity</label>
        <input
          id="prompt-opacity"
          type="range"
          min={0.1}
          max={1}
          step={0.01}
          value={opacity}
          onChange={(event) => setMolecular({ opacity: Number(event.target.value) })}
        />
        <output htmlFor="prompt-opacity">{Math.round(opacity * 100)} %</output>
      </div>
    </section>
  );
}
