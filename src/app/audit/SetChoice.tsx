import { FolderOpen, Pentagon, Table } from 'lucide-react';
import { Button, FileTrigger } from 'react-aria-components';
import type { LocalFile } from '../../slide/slide.ts';
import { filesOf } from '../cases/folder.ts';
import { useApp } from '../state.ts';
import type { Auditing } from './auditing.ts';
import type { ChosenSet, MarkedSlide } from './state.ts';

/** Where the labelled samples come from, and what was found in them. */
export function SetChoice({ auditing }: { auditing: Auditing }) {
  const { set, marked, reading, running } = useApp((s) => s.audit);
  const busy = reading || running !== null;
  const chosen = (take: (files: LocalFile[]) => void) => (list: FileList | null) => {
    if (list && list.length > 0) take(filesOf([...list]));
  };
  return (
    <section>
      <h3>1. A labelled set</h3>
      <p className="quiet small">
        Samples with a class (biology), where they come from (centre or scanner), and slide or
        patient (group).
      </p>
      <div className="audit-sources">
        <FileTrigger acceptDirectory onSelect={chosen((files) => void auditing.takeFolder(files))}>
          <Button className="btn line" isDisabled={busy}>
            <FolderOpen size={16} aria-hidden="true" /> Folder of tiles
          </Button>
        </FileTrigger>
        <FileTrigger allowsMultiple onSelect={chosen((files) => auditing.takeTables(files))}>
          <Button className="btn line" isDisabled={busy}>
            <Table size={16} aria-hidden="true" /> Embeddings
          </Button>
        </FileTrigger>
        <Button className="btn line" isDisabled={busy} onPress={() => void auditing.findMarked()}>
          <Pentagon size={16} aria-hidden="true" /> My annotations
        </Button>
      </div>
      {marked && <Scanners {...{ auditing, marked, busy }} />}
      {set ? <Found set={set} /> : !marked && <Help />}
    </section>
  );
}

function Help() {
  return (
    <details className="small quiet">
      <summary>What files are read</summary>
      <p>
        Tiles: pictures with a table (CSV or TSV: file, biology, centre, group; mpp if known), or
        slides with rectangles (slide, x, y, w, h instead of file). Without a table, names like
        organ-…-scanner_column_row.jpg tell.
      </p>
      <p>
        Embeddings: CSV, Parquet, npy, npz or H5 with the same labels, or with a table of them
        beside (A.npy, A-labels.csv). Several files are several encoders.
      </p>
      <p>
        Annotations: areas with a class, on the open slide and those of its case; the slide is the
        group, its scanner the centre.
      </p>
    </details>
  );
}

function Found({ set }: { set: ChosenSet }) {
  if (set.kind === 'tables') {
    return (
      <div className="audit-set small">
        <p>
          Embeddings: <b>{set.names.join(', ')}</b>
        </p>
      </div>
    );
  }
  const { tiles, classes, centres, groups, notes } = set.summary;
  const listed = (of: readonly { name: string; tiles: number }[]) =>
    of.map(({ name, tiles: n }) => `${name} ${n.toLocaleString('en')}`).join(', ');
  return (
    <div className="audit-set small">
      <p>
        <b>{set.name}</b>: {tiles.toLocaleString('en')} tiles; slides or patients: {groups}
      </p>
      <dl>
        <dt>Classes</dt>
        <dd>{listed(classes)}</dd>
        <dt>Centres</dt>
        <dd>{listed(centres)}</dd>
      </dl>
      {notes.map((note) => (
        <p key={note} className="audit-note">
          {note}
        </p>
      ))}
    </div>
  );
}

/** Slides that do not say their scanner are asked for it: without, there is no centre. */
function Scanners(props: { auditing: Auditing; marked: readonly MarkedSlide[]; busy: boolean }) {
  const { auditing, marked, busy } = props;
  const named = marked.every(({ scanner }) => scanner.trim() !== '');
  return (
    <div className="audit-marked small">
      {marked.map(({ name, areas, classes, scanner }, at) => (
        <label key={name}>
          {name}: {areas} {areas === 1 ? 'area' : 'areas'} ({classes.join(', ')})
          <input
            value={scanner}
            placeholder="Scanner or centre"
            onChange={(event) => auditing.nameScanner(at, event.target.value)}
          />
        </label>
      ))}
      <button
        type="button"
        className="btn line"
        disabled={busy || !named}
        onClick={() => void auditing.cutMarked()}
      >
        Cut into fields
      </button>
    </div>
  );
}
