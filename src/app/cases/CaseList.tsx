import { FileJson, FolderOpen } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Button, FileTrigger } from 'react-aria-components';
import { useCommands } from '../context.ts';
import { maskedCase } from '../names.ts';
import { setState, useApp } from '../state.ts';
import { type CaseSummary, matches } from './case.ts';
import { canPickFolder, filesOf, sourceOfSlide } from './folder.ts';
import { SearchField } from './SearchField.tsx';
import { Thumb } from './Thumb.tsx';
import { VirtualList } from './VirtualList.tsx';

const ROW = 58;

interface CaseRow extends CaseSummary {
  shown: string;
}

/** All cases with how much of each was reviewed, and how to add one. */
export function CaseList() {
  const cases = useApp((s) => s.cases);
  const masked = useApp((s) => s.namesMasked);
  const currentCase = useApp((s) => s.currentCase);
  const [query, setQuery] = useState('');
  const rows = useMemo(
    () =>
      cases
        .map((of): CaseRow => ({ ...of, shown: masked ? maskedCase(of.number) : of.name }))
        .filter((of) => matches(of.shown, query)),
    [cases, masked, query],
  );
  return (
    <section className="rail-part" aria-label="Cases">
      <AddCases />
      <AtHand />
      {cases.length > 0 && <SearchField label="Search cases" value={query} onChange={setQuery} />}
      <VirtualList
        label="Cases"
        rows={rows}
        rowHeight={ROW}
        keyOf={(row) => row.name}
        search={query}
        current={rows.findIndex((row) => row.name === currentCase)}
      >
        {(row, tab) => <Row row={row} tab={tab} current={row.name === currentCase} />}
      </VirtualList>
    </section>
  );
}

function Row({ row, tab, current }: { row: CaseRow; tab: 0 | -1; current: boolean }) {
  const commands = useCommands();
  const { first, slides, reviewed } = row;
  return (
    <div className={`rail-row${current ? ' on' : ''}`}>
      <button
        type="button"
        className="rail-open"
        tabIndex={tab}
        aria-current={current}
        onClick={() => {
          commands?.cases.show(row.name);
          setState({ railView: 'slides' });
        }}
      >
        {first && <Thumb slideKey={first.key} source={() => sourceOfSlide(first, false)} />}
        <span className="rail-text">
          <span>{row.shown}</span>
          <span className={reviewed === slides ? 'good small' : 'faint small'}>
            {reviewed === slides ? `All ${slides} reviewed` : `${reviewed} of ${slides} reviewed`}
          </span>
        </span>
      </button>
    </div>
  );
}

/** Back to the slides that belong to no case. */
function AtHand() {
  const commands = useCommands();
  const count = useApp((s) => s.local.length);
  return (
    <button
      type="button"
      className="btn line"
      onClick={() => {
        commands?.cases.show(null);
        setState({ railView: 'slides' });
      }}
    >
      Slides at hand ({count})
    </button>
  );
}

function AddCases() {
  const commands = useCommands();
  const reading = useApp((s) => s.readingFolder);
  if (reading !== null) {
    return (
      <div className="row" role="status">
        <span className="quiet small">
          Reading the folder: {reading.toLocaleString('en')} files …
        </span>
        <button type="button" className="link" onClick={() => commands?.cases.stopReading()}>
          Stop
        </button>
      </div>
    );
  }
  return (
    <>
      <div className="rail-add">
        {canPickFolder() ? (
          <Button className="btn line" onPress={() => void commands?.cases.addFolderShown()}>
            <FolderOpen size={16} aria-hidden="true" /> Add folder
          </Button>
        ) : (
          <FileTrigger
            acceptDirectory
            onSelect={(files) => void commands?.cases.addFilesShown(filesOf(files ?? []))}
          >
            <Button className="btn line">
              <FolderOpen size={16} aria-hidden="true" /> Add folder
            </Button>
          </FileTrigger>
        )}
        <FileTrigger
          acceptedFileTypes={['.json']}
          onSelect={(files) => files?.[0] && void commands?.cases.addListShown(files[0])}
        >
          <Button className="btn line">
            <FileJson size={16} aria-hidden="true" /> Add list
          </Button>
        </FileTrigger>
      </div>
      <p className="faint small">
        {canPickFolder()
          ? 'Folders below the one you choose are cases. Files are read in place, never copied.'
          : 'Folders below the one you choose are cases. This browser cannot read a folder again by itself: after a reload it must be chosen once more.'}
      </p>
    </>
  );
}
