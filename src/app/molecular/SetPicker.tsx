import { useState } from 'react';
import type { GeneSet } from '../../molecular/genesets.ts';
import { readableName } from '../../molecular/prompt.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

/** A search among all sets at hand; the chosen one with what it is and where it comes from. */
export function SetPicker(props: {
  label: string;
  chosen: GeneSet | null;
  choose: (set: GeneSet) => void;
}) {
  const { label, chosen, choose } = props;
  const commands = useCommands();
  const collections = useApp((s) => s.molecular.collections);
  const [text, setText] = useState('');
  const [open, setOpen] = useState(chosen === null);
  const found = open ? (commands?.prompting.sets.search(text) ?? []) : [];
  const total = collections.reduce((sum, { sets }) => sum + sets, 0);
  if (!open && chosen) {
    return (
      <div className="chosen-set" data-testid="chosen-set">
        <div className="row">
          <b>{readableName(chosen.name)}</b>
          <button type="button" className="link" onClick={() => setOpen(true)}>
            Change
          </button>
        </div>
        {chosen.description && <p className="small quiet">{chosen.description}</p>}
        <p className="small faint">
          {chosen.genes.length.toLocaleString('en')} genes · <Source source={chosen.source} />
        </p>
      </div>
    );
  }
  return (
    <div className="set-picker">
      <input
        type="search"
        aria-label={label}
        placeholder={`Search ${total.toLocaleString('en')} sets`}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <ul aria-label={`${label}: found`}>
        {found.map((set) => (
          <li key={`${set.source} ${set.name}`}>
            <button
              type="button"
              onClick={() => {
                choose(set);
                setOpen(false);
              }}
            >
              {readableName(set.name)}
              <span className="faint small">{set.genes.length.toLocaleString('en')} genes</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="small faint">No set of this name.</p>}
    </div>
  );
}

function Source({ source }: { source: string }) {
  if (!/^https?:/.test(source)) return source;
  return (
    <a href={source} target="_blank" rel="noreferrer">
      source
    </a>
  );
}
