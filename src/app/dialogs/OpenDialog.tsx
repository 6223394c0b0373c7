import { FileImage, FolderOpen } from 'lucide-react';
import { useRef, useState } from 'react';
import { toCytolensError } from '../../core/errors.ts';
import { filesOf } from '../cases/folder.ts';
import { useCommands } from '../context.ts';
import { openChosen } from '../opening/open-chosen.ts';
import { resolveSource } from '../slides.ts';
import { report, type SlideChoice, setState, useApp } from '../state.ts';
import { DicomWebSection } from './DicomWebSection.tsx';
import { addressEndings, FormatList } from './FormatList.tsx';

/** From this disk, by address, from the local server, or from the public list. */
export function OpenDialog() {
  const commands = useCommands();
  const local = useApp((s) => s.local);
  const web = useApp((s) => s.web);
  const [address, setAddress] = useState('');
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  const openFiles = (input: HTMLInputElement) => {
    const files = filesOf(input.files ?? []);
    input.value = '';
    if (!commands || files.length === 0) return;
    setState({ dialog: null });
    void openChosen(files, commands);
  };
  const openAddress = () => {
    try {
      void commands?.openShown(resolveSource(address.trim()));
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
      <section className="from-disk" aria-label="From this disk">
        <div>
          <h3>From this disk</h3>
          <p className="faint small">
            Choose, or drop anywhere on the page. Files are read in place and never uploaded. A
            folder of several slides becomes cases.
          </p>
        </div>
        <div className="row gap">
          <button type="button" className="btn main" onClick={() => file.current?.click()}>
            <FileImage size={16} aria-hidden="true" /> Files …
          </button>
          <button type="button" className="btn line" onClick={() => folder.current?.click()}>
            <FolderOpen size={16} aria-hidden="true" /> Folder …
          </button>
        </div>
        <input
          ref={file}
          type="file"
          hidden
          multiple
          aria-label="Slide file"
          onChange={(event) => openFiles(event.target)}
        />
        <input
          ref={folder}
          type="file"
          hidden
          {...{ webkitdirectory: '' }}
          aria-label="Slide folder"
          onChange={(event) => openFiles(event.target)}
        />
      </section>
      <form
        className="by-address"
        onSubmit={(event) => {
          event.preventDefault();
          if (address.trim()) openAddress();
        }}
      >
        <label htmlFor="slide-address">Address of a slide</label>
        <div className="row gap">
          <input
            id="slide-address"
            className="grow"
            value={address}
            onChange={(event) => setAddress(event.target.value)}
            placeholder="https://…/slide.dzi"
            spellCheck={false}
            aria-describedby="slide-address-help"
          />
          <button type="submit" className="btn line" disabled={!address.trim()}>
            Open
          </button>
        </div>
        <p className="faint small" id="slide-address-help">
          Ends in {addressEndings()}. Its server must let other sites read it (CORS).
        </p>
      </form>
      <FormatList />
      <ChoiceList title="Here" choices={local} choose={choose} />
      <ChoiceList
        title="From the web"
        note="Public slides, fetched from their site only when you choose one."
        choices={web}
        choose={choose}
      />
      <DicomWebSection />
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
