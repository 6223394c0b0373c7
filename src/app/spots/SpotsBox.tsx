import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useCommands } from '../context.ts';
import { setState, useApp } from '../state.ts';
import { Choice } from './Choice.tsx';
import { SpotsLegend } from './SpotsLegend.tsx';
import type { SpotsView } from './state.ts';

/** What the spots on the slide show: legend, gene, and the way to the page that compares. */
export function SpotsBox() {
  const commands = useCommands();
  const { loaded, shown, compared, view } = useApp((s) => s.spots);
  const [gene, setGene] = useState('');
  if (!commands || !loaded || !shown) return null;
  const { measured } = commands;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (gene.trim() !== '') void measured.showGeneShown(gene.trim());
  };
  const views: { id: SpotsView; title: string }[] = [
    { id: 'measured', title: 'Measured' },
    { id: 'predicted', title: 'Predicted' },
    { id: 'difference', title: 'Difference' },
  ];
  return (
    <section className="float spots-box" aria-label="Measured spots">
      <div className="row">
        <b>
          {view === 'measured'
            ? 'Measured'
            : view === 'predicted'
              ? 'Predicted'
              : 'Measured − predicted'}
          : {shown.title}
        </b>
        <button
          type="button"
          className="btn icon"
          aria-label="Close the spots"
          onClick={() => measured.close()}
        >
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      <SpotsLegend shown={shown} />
      {compared && (
        <Choice
          label="What the spots show"
          options={views}
          value={view}
          onChange={(id) => measured.show({ view: id })}
        />
      )}
      <form className="row" onSubmit={submit}>
        <input
          className="grow"
          aria-label="Gene"
          placeholder="Gene, such as ERBB2"
          value={gene}
          onChange={(event) => setGene(event.target.value)}
        />
        <button type="submit" className="btn line">
          Colour
        </button>
      </form>
      <button
        type="button"
        className="btn main"
        onClick={() => setState({ dialog: { kind: 'beside' } })}
      >
        Measured beside predicted
      </button>
      <p className="faint small">
        {loaded.spots.toLocaleString('en')} spots of {loaded.name}, {loaded.diameterUm} µm across,{' '}
        {Math.round(loaded.depth).toLocaleString('en')} molecules at the median.
      </p>
    </section>
  );
}
