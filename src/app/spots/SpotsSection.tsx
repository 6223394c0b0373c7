import { setState, useApp } from '../state.ts';
import { SpotsSource } from './SpotsSource.tsx';
import { SpotsTaskLine } from './SpotsTaskLine.tsx';

/** Measured spots in the Molecular panel. */
export function SpotsSection() {
  const loaded = useApp((s) => s.spots.loaded);
  return (
    <section className="files" aria-labelledby="spots-title">
      <h2 id="spots-title">Measured beside predicted</h2>
      {loaded ? (
        <>
          <p className="small">
            <b>{loaded.name}</b>: {loaded.spots.toLocaleString('en')} spots,{' '}
            {loaded.genes.toLocaleString('en')} genes,{' '}
            {Math.round(loaded.depth).toLocaleString('en')} molecules a spot at the median.
          </p>
          {loaded.notes.length > 0 && (
            <ul className="quiet small">
              {loaded.notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          )}
          <button
            type="button"
            className="btn main"
            onClick={() => setState({ dialog: { kind: 'beside' } })}
          >
            Open the comparison
          </button>
        </>
      ) : (
        <SpotsSource />
      )}
      <SpotsTaskLine />
    </section>
  );
}
