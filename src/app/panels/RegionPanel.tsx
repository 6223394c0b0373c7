import { useCommands } from '../context.ts';
import { setState, useApp } from '../state.ts';
import { Gallery } from './Gallery.tsx';
import { CompareHeads } from './region/CompareHeads.tsx';
import { CompositionTable } from './region/CompositionTable.tsx';
import { Faithfulness } from './region/Faithfulness.tsx';
import { TaskProgress } from './region/TaskProgress.tsx';

/** What the prediction of a region rests on, tested here and now; and two heads compared. */
export function RegionPanel() {
  const analysed = useApp((s) => s.score !== null);
  const region = useApp((s) => s.region);
  const commands = useCommands();
  const head = useApp((s) => s.kit?.head.status.id);
  if (!analysed) {
    return (
      <p className="quiet">
        Nothing analysed yet. Analyse a view (<kbd>A</kbd>), then ask here whether its map can be
        trusted, which cells it looks at, and what another head says.
      </p>
    );
  }
  const current = region?.head === head ? region : null;
  return (
    <>
      <Question />
      {current && (
        <>
          <Faithfulness found={current} />
          <CompositionTable found={current} />
          <Gallery title="Most for" cells={current.top.supporting} tone="for" />
          <Gallery title="Most against" cells={current.top.opposing} tone="against" />
        </>
      )}
      <CompareHeads />
      <section aria-label="Similar regions">
        <h2>Where does it look like this?</h2>
        <button
          type="button"
          className="btn line under"
          onClick={() => void commands?.finding.showForView()}
        >
          Find fields like the view
        </button>
      </section>
      <section aria-label="Reader study">
        <h2>Which map do readers prefer?</h2>
        <button
          type="button"
          className="btn line under"
          onClick={() => setState({ dialog: { kind: 'study' } })}
        >
          Reader study
        </button>
      </section>
    </>
  );
}

/** Which fields to explain, and how far that is. */
function Question() {
  const commands = useCommands();
  const inView = useApp((s) => s.inView);
  const task = useApp((s) => s.explaining);
  const ready = useApp((s) => s.kit !== null && s.preparing === null);
  const fields = useApp((s) => s.score?.fields ?? 0);
  const busy = task?.task === 'region' ? task : null;
  const choice = (value: boolean, text: string) => (
    <label>
      <input
        type="radio"
        name="region"
        checked={inView === value}
        onChange={() => setState({ inView: value })}
      />{' '}
      {text}
    </label>
  );
  return (
    <section aria-label="Region to explain" className="region-question">
      <div className="row">
        <div className="region-choices">
          {choice(true, 'Fields in view')}
          {choice(false, `All analysed (${fields.toLocaleString('en')})`)}
        </div>
        {busy ? (
          <button type="button" className="btn line" onClick={() => commands?.explaining.cancel()}>
            Cancel
          </button>
        ) : (
          <button
            type="button"
            className="btn line"
            disabled={!ready}
            onClick={() => void commands?.explaining.showRegion()}
          >
            Explain
          </button>
        )}
      </div>
      {busy && <TaskProgress done={busy.done} total={busy.total} what="Removing tokens" />}
    </section>
  );
}
