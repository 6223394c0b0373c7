import { Plus } from 'lucide-react';
import { useState } from 'react';
import { TYPE_COLOURS } from '../../core/palette.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

/** The class that new shapes get; further classes can be made here. */
export function ClassPicker() {
  const annotator = useCommands()?.annotating.annotator;
  const classes = useApp((s) => s.annotate.classes);
  const drawClass = useApp((s) => s.annotate.drawClass);
  const [adding, setAdding] = useState(false);
  const colour = classes.find(({ name }) => name === drawClass)?.colour;
  if (adding) return <NewClass close={() => setAdding(false)} />;
  return (
    <div className="class-picker">
      <i className="swatch" style={{ background: colour ?? 'transparent' }} />
      <select
        aria-label="Class of new shapes"
        value={drawClass ?? ''}
        onChange={(event) => annotator?.set({ drawClass: event.target.value || null })}
      >
        {classes.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
        <option value="">No class</option>
      </select>
      <button
        type="button"
        className="btn icon"
        aria-label="New class"
        title="New class"
        onClick={() => setAdding(true)}
      >
        <Plus size={16} aria-hidden="true" />
      </button>
    </div>
  );
}

function NewClass({ close }: { close: () => void }) {
  const annotator = useCommands()?.annotating.annotator;
  const taken = useApp((s) => s.annotate.classes);
  const free = TYPE_COLOURS.find((each) => !taken.some(({ colour }) => colour === each));
  const [name, setName] = useState('');
  const [colour, setColour] = useState(free ?? TYPE_COLOURS[0]);
  return (
    <form
      className="class-picker"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) annotator?.addClass({ name: name.trim(), colour });
        close();
      }}
    >
      <input
        type="color"
        aria-label="Colour of the new class"
        value={colour}
        onChange={(event) => setColour(event.target.value)}
      />
      <input
        type="text"
        aria-label="Name of the new class"
        placeholder="Name of the class"
        maxLength={60}
        // biome-ignore lint/a11y/noAutofocus: the field was asked for by the press that shows it
        autoFocus
        value={name}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') close();
        }}
      />
      <button type="submit" className="btn line">
        Add
      </button>
    </form>
  );
}
