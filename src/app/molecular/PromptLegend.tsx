import { cssGradient } from '../../core/colormap.ts';
import { formatSigned } from '../../core/units.ts';
import { caveatOf, readableName } from '../../molecular/prompt.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { domainOf } from './field-map.ts';
import { setMolecular } from './prompting.ts';

/** What the colours of the fields mean. */
export function PromptLegend() {
  const commands = useCommands();
  const { map, a, b, opacity } = useApp((s) => s.molecular);
  const alone = useApp((s) => s.style.mode === 'off');
  const fieldUm = useApp((s) => s.kit?.fieldUm ?? 0);
  const shown = map && a ? commands?.prompting.shown() : null;
  if (!map || !a || !shown) return null;
  const differs = map === 'difference';
  const [low, high] = domainOf(shown.values, differs);
  const name = readableName(a.prompt.set.name);
  const caveats = (differs && b ? [a, b] : [a])
    .map(({ prompt }) => caveatOf(prompt, map === 'knn' ? 'knn' : 'predictor'))
    .filter((caveat) => caveat !== null);
  const digits = differs ? 1 : 0;
  return (
    <section
      className={`float legend${alone ? '' : ' second-legend'}`}
      aria-label="Legend of the gene set map"
    >
      <div className="row">
        <b>{differs && b ? `${name} − ${readableName(b.prompt.set.name)}` : name}</b>
      </div>
      {[...new Set(caveats)].map((caveat) => (
        <div key={caveat} className="prompt-caveat">
          {caveat}
        </div>
      ))}
      <div className="ramp" style={{ background: cssGradient(differs ? 'vik' : 'viridis') }} />
      <div className="row quiet">
        {[low, (low + high) / 2, high].map((tick, i) => (
          <span key={['low', 'middle', 'high'][i]}>{formatSigned(tick, digits)}</span>
        ))}
      </div>
      <div className="faint">
        {differs
          ? 'predicted ssGSEA, SDs from each slide mean'
          : `predicted ssGSEA (${map === 'knn' ? 'soft-kNN' : 'predictor'}), ranks`}
        {` · per field of ${Math.round(fieldUm)} µm · ends: 2nd and 98th percentile · pale: far from the library`}
      </div>
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
