import { HardDrive } from 'lucide-react';
import { useRef, useState } from 'react';
import { toCytolensError } from '../../core/errors.ts';
import { FORMATS } from '../../slide/formats.ts';
import { useCommands } from '../context.ts';
import { resolveSource } from '../slides.ts';
import { report, type SlideChoice, setState, useApp } from '../state.ts';

/** From this disk, by address, from the local server, or from the public list. */
export function OpenDialog() {
  const commands = useCommands();
  const local = useApp((s) => s.local);
  const web = useApp((s) => s.web);
  const [address, setAddress] = useState('');
  const file = useRef<HTMLInputElement>(null);

  const open = (source: string | File) => {
    try {
      void commands?.openShown(resolveSource(source));
      setState({ dialog: null });
    } catch (error) {
      report(toCytolensError(error));
    }
  };
  const choose = (choice: SlideChoice) => {
    void commands?.openShown(choice.source);
    setState({ dialog: null });
  };

  return (
    <div className="open">
      <div className="row gap">
        <button type="button" className="btn line" onClick={() => file.current?.click()}>
          <HardDrive size={16} aria-hidden="true" /> From this disk …
        </button>
        <span className="faint small">
          .szi, or drop it on the slide. It is read in place and never uploaded.
        </span>
        <input
          ref={file}
          type="file"
          hidden
          accept={FORMATS.flatMap(({ extensions }) => extensions).join(',')}
          aria-label="Slide file"
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            if (chosen) open(chosen);
          }}
        />
      </div>
      <form
        className="row gap"
        onSubmit={(event) => {
          event.preventDefault();
          if (address.trim()) open(address.trim());
        }}
      >
        <label className="grow">
          Address of a .dzi or .szi
          <input
            value={address}
            onChange={(event) => setAddress(event.target.value)}
            placeholder="https://…/slide.dzi"
            spellCheck={false}
          />
        </label>
        <button type="submit" className="btn line" disabled={!address.trim()}>
          Open
        </button>
      </form>
      <ChoiceList title="Here" choices={local} choose={choose} />
      <ChoiceList
        title="From the web"
        note="Public slides, fetched from their site only when you choose one."
        choices={web}
        choose={choose}
      />
    </div>
  );
}

interface ChoiceListProps {
  title: string;
  note?: string;
  choices: SlideChoice[];
  choose: (choice: SlideChoice) => void;
}

function ChoiceList({ title, note, choices, choose }: ChoiceListProps) {
  if (choices.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {note && <p className="faint small">{note}</p>}
      <ul className="choices">
        {choices.map((choice) => (
          <li key={`${choice.name} ${choice.detail}`}>
            <button type="button" onClick={() => choose(choice)}>
              <span>{choice.name}</span>
              <span className="faint small">{choice.detail}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
