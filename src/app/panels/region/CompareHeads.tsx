import { useEffect } from 'react';
import type { ModelEntry } from '../../../analysis/analysis.ts';
import { formatNumber, formatPercent } from '../../../core/units.ts';
import { useCommands } from '../../context.ts';
import { comparableHeads } from '../../panes/heads.ts';
import { type AppState, useApp } from '../../state.ts';
import { Scatter } from '../Scatter.tsx';
import { TaskProgress } from './TaskProgress.tsx';

/** Cells keep arriving. */
const isRunning = ({ run }: AppState) => run.phase === 'running' || run.phase === 'watching';

/** Another head asked about the same tokens, field by field and cell by cell. */
export function CompareHeads() {
  const commands = useCommands();
  const kit = useApp((s) => s.kit);
  const entries = useApp((s) => s.entries);
  const task = useApp((s) => s.explaining);
  const comparison = useApp((s) => s.comparison);
  const running = useApp(isRunning);
  const used = kit?.head.status.id;
  useEffect(() => {
    // The difference is of the head in use and of the cells there were: with another head, cells
    // that arrive, or this panel away, it goes.
    const stays = used !== undefined && !running;
    return stays ? () => commands?.explaining.showDifference(false) : undefined;
  }, [commands, used, running]);
  if (!commands || !kit) return null;
  const { explaining } = commands;
  const busy = task?.task === 'heads' ? task : null;
  const shown = comparison?.a === used ? comparison : null;
  const heads = comparableHeads(kit, entries);
  return (
    <section aria-label="Compare heads">
      <h2>Compare with another head</h2>
      <label className="picker">
        <span className="quiet">
          A: {kit.head.status.name}. B, on the same tokens of all analysed fields:
        </span>
        <select
          value={shown?.b ?? ''}
          disabled={running || busy !== null}
          onChange={(event) => void explaining.showComparison(event.target.value)}
        >
          <option value="" disabled>
            {running ? 'When the analysis is done' : 'Choose a head'}
          </option>
          {heads.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {busy && (
        <>
          <TaskProgress done={busy.done} total={busy.total} what="Asking the other head" />
          <button type="button" className="link" onClick={() => explaining.cancel()}>
            Cancel
          </button>
        </>
      )}
      {shown && explaining.compared && (
        <>
          <Scatter
            a={explaining.compared.logitsA}
            b={explaining.compared.logitsB}
            titles={['A: logit / temperature of a field', 'B: logit / temperature']}
            label={`Logit / temperature of ${shown.fields} fields by head A across and head B up`}
            oneScale
          />
          <dl className="verdicts">
            <dt>Same side of zero</dt>
            <dd>
              {formatPercent(shown.agreement)} of {shown.fields.toLocaleString('en')} fields
            </dd>
            <dt>Rank correlation (Spearman)</dt>
            <dd>{shown.spearman === null ? 'not defined' : formatNumber(shown.spearman)}</dd>
          </dl>
          <Difference partner={nameOf(heads, shown.b)} />
        </>
      )}
    </section>
  );
}

/** The switch that colours cells by what A says less what B says. */
function Difference({ partner }: { partner: string }) {
  const commands = useCommands();
  const on = useApp((s) => s.differenceShown);
  const running = useApp(isRunning);
  return (
    <>
      <button
        type="button"
        className="btn line"
        aria-pressed={on}
        disabled={running}
        onClick={() => commands?.explaining.showDifference(!on)}
      >
        {on ? 'Colour cells by A again' : 'Show difference on cells'}
      </button>
      <p className="faint small under">
        {on ? `Orange: A adds more there than ${partner}; blue: less. ` : ''}
        Both heads are divided by their temperatures, so that differences are in log-odds. Two heads
        for different targets differ by what they ask, too.
      </p>
    </>
  );
}

function nameOf(heads: readonly ModelEntry[], id: string): string {
  return heads.find((head) => head.id === id)?.name ?? id;
}
