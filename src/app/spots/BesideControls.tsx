import { type FormEvent, useEffect, useState } from 'react';
import type { AlignmentInfo } from '../../molecular/molecular.ts';
import { NOT_READABLE, readableName } from '../../molecular/prompt.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { Choice } from './Choice.tsx';
import type { AnswerId, LoadedSpots, SpotsView } from './state.ts';

const PASTED = 'pasted';

/** Which gene set, which answer, and what the middle picture shows. */
export function BesideControls({ loaded }: { loaded: LoadedSpots }) {
  const commands = useCommands();
  const { compared, answer, view, task } = useApp((s) => s.spots);
  const alignment = useApp((s) => s.molecular.alignment);
  const unavailable = useApp((s) => s.molecular.unavailable);
  const [pasting, setPasting] = useState(false);
  const [text, setText] = useState('');
  useEffect(() => {
    void commands?.prompting.beginShown();
  }, [commands]);
  if (!commands) return null;
  const { measured } = commands;
  const choose = (name: string) => {
    setPasting(name === PASTED);
    if (name !== PASTED) void measured.compareShown(name);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') void measured.compareShown(text);
  };
  const chosen = pasting ? PASTED : (compared?.prompt.set.name ?? '');
  return (
    <div className="beside-controls">
      <label>
        Gene set
        <select
          value={chosen === 'Pasted genes' ? PASTED : chosen}
          disabled={!alignment || task !== null}
          onChange={(event) => choose(event.target.value)}
        >
          <option value="" disabled>
            {unavailable ?? (alignment ? 'Choose a gene set' : 'The model is starting …')}
          </option>
          <option value={PASTED}>Pasted genes …</option>
          {alignment && <SetOptions spectrum={alignment.spectrum} answer={answer} />}
        </select>
      </label>
      {pasting && (
        <form className="beside-paste" onSubmit={submit}>
          <label className="grow">
            Genes, with any separator
            <input value={text} onChange={(event) => setText(event.target.value)} />
          </label>
          <button type="submit" className="btn line" disabled={task !== null}>
            Compare
          </button>
        </form>
      )}
      <Choice<AnswerId>
        label="Answer"
        options={[
          { id: 'predictor', title: 'Predictor' },
          { id: 'knn', title: 'Soft-kNN' },
        ]}
        value={answer}
        onChange={(id) => measured.show({ answer: id })}
      />
      <Choice<SpotsView>
        label="The middle picture"
        options={[
          { id: 'predicted', title: 'Predicted' },
          { id: 'difference', title: 'Difference' },
        ]}
        value={view === 'difference' ? 'difference' : 'predicted'}
        onChange={(id) => measured.show({ view: id })}
      />
      <span className="quiet small beside-section">
        Section {loaded.name} · {loaded.spots.toLocaleString('en')} spots of {loaded.diameterUm} µm
      </span>
    </div>
  );
}

/** Sets in two groups: what a patient left out could show, and what not; best first. */
function SetOptions(props: { spectrum: AlignmentInfo['spectrum']; answer: AnswerId }) {
  const { spectrum, answer } = props;
  const groups = [
    { title: `Readable on held-out patient ${spectrum.tested}`, readable: true },
    { title: NOT_READABLE, readable: false },
  ];
  return groups.map(({ title, readable }) => (
    <optgroup key={title} label={title}>
      {spectrum.sets
        .filter((set) => set[answer].readable === readable)
        .map(({ name }) => (
          <option key={name} value={name}>
            {readableName(name)}
          </option>
        ))}
    </optgroup>
  ));
}
