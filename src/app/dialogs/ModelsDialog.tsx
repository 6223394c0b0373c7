import { Trash2 } from 'lucide-react';
import { type ModelEntry, modelsOf } from '../../analysis/analysis.ts';
import { toCytolensError } from '../../core/errors.ts';
import { useCommands } from '../context.ts';
import { trustOf } from '../panels/HeadPicker.tsx';
import { report, useApp } from '../state.ts';
import { AddModel } from './AddModel.tsx';
import { ModelCard, ModelSection } from './ModelSection.tsx';

/** The models in use with all that is known of them, those at hand, and the user's own. */
export function ModelsDialog() {
  const kit = useApp((s) => s.kit);
  const entries = useApp((s) => s.entries);
  if (!kit) return <p>The models are not loaded.</p>;
  const used = modelsOf(kit);
  const usedIds = used.map((model) => model.status.id);
  const others = entries.filter((e) => e.origin === 'built-in' && !usedIds.includes(e.id));
  return (
    <div className="models">
      <EntryList
        title="Your own models"
        entries={entries.filter((e) => e.origin === 'added')}
        usedIds={usedIds}
      />
      <AddModel />
      {used.map((model) => (
        <ModelSection key={model.status.id} model={model} />
      ))}
      <EntryList
        title="Gene sets"
        entries={others.filter((e) => e.role === 'alignment')}
        usedIds={usedIds}
      />
      <EntryList
        title="Other heads"
        entries={others.filter((e) => e.role !== 'alignment')}
        usedIds={usedIds}
      />
    </div>
  );
}

interface EntryListProps {
  title: string;
  entries: ModelEntry[];
  usedIds: string[];
}

function EntryList({ title, entries, usedIds }: EntryListProps) {
  if (entries.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <ul className="entries">
        {entries.map((entry) => (
          <EntryRow key={entry.id} entry={entry} used={usedIds.includes(entry.id)} />
        ))}
      </ul>
    </section>
  );
}

function EntryRow({ entry, used }: { entry: ModelEntry; used: boolean }) {
  const commands = useCommands();
  const preparing = useApp((s) => s.preparing);
  // Every direction of the test, not the best one.
  const name = entry.metrics[0]?.name;
  const figures = entry.metrics.filter((m) => m.name === name).map((m) => m.value.toFixed(2));
  const detail = [
    entry.role,
    entry.origin === 'added' ? entry.where : null,
    `${(entry.bytes / 1e6).toFixed(entry.bytes < 1e7 ? 2 : 0)} MB`,
    name ? `${name} ${figures.join(', ')}` : null,
    entry.head ? trustOf(entry).toLowerCase() : null,
  ];
  return (
    <li className="entry">
      <span>
        {entry.name}
        <span className="faint small">{detail.filter(Boolean).join(' · ')}</span>
        {entry.role === 'alignment' && <ModelCard id={entry.id} />}
      </span>
      {entry.role === 'head' ? (
        // Never disabled: a button that goes takes the focus, and with it Esc, out of the dialog.
        <button
          type="button"
          className="btn line"
          aria-pressed={used}
          onClick={() => preparing === null && void commands?.chooseHeadShown(entry.id)}
        >
          {used ? 'In use' : 'Use'}
        </button>
      ) : (
        used && <span className="quiet small">in use</span>
      )}
      {entry.origin === 'added' && !used && (
        <button
          type="button"
          className="btn icon"
          aria-label={`Remove ${entry.name}`}
          onClick={() =>
            void commands?.removeModel(entry.id).catch((error) => report(toCytolensError(error)))
          }
        >
          <Trash2 size={16} aria-hidden="true" />
        </button>
      )}
    </li>
  );
}
