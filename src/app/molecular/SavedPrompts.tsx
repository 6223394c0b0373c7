import { Trash2 } from 'lucide-react';
import type { GeneSet } from '../../molecular/genesets.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

/** Prompts kept with the open slide. */
export function SavedPrompts({ open }: { open: (set: GeneSet) => void }) {
  const commands = useCommands();
  const saved = useApp((s) => s.molecular.saved);
  if (saved.length === 0) return null;
  return (
    <ul className="saved-prompts" aria-label="Saved with this slide">
      {saved.map(({ title, ...set }) => (
        <li key={title} className="row">
          <button type="button" className="link" onClick={() => open(set)}>
            {title}
          </button>
          <button
            type="button"
            className="btn icon"
            aria-label={`Forget ${title}`}
            onClick={() => commands?.prompting.forget(title)}
          >
            <Trash2 size={14} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}
