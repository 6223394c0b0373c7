import { FolderOpen, Upload } from 'lucide-react';
import { Button, FileTrigger } from 'react-aria-components';
import type { LibraryFacts } from '../../molecular/own/facts.ts';
import { filesOf } from '../cases/folder.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { Names, OtherNames } from './MatchedGenes.tsx';

const count = (n: number) => n.toLocaleString('en');
/** Files named before the rest is counted. */
const NAMED = 8;

/** Which samples soft-kNN answers from: the model's prototypes, or the user's own. */
export function LibrarySection() {
  const commands = useCommands();
  const { alignment, notRead } = useApp((s) => s.molecular);
  if (!commands || !alignment) return null;
  const { ownLibrary, library } = alignment;
  return (
    <section aria-label="Library" className="library">
      <h2>Library of soft-kNN</h2>
      {ownLibrary ? (
        <Own facts={ownLibrary} far={alignment.far} />
      ) : (
        <p className="small">
          {count(library.prototypes)} prototypes of {count(library.spots)} spots of patients{' '}
          {library.patients.join(', ')} come with the model. Your own counts can take their place.
        </p>
      )}
      {notRead && (
        <p className="small bad" role="alert">
          {notRead}
        </p>
      )}
      <Source own={ownLibrary !== null} />
    </section>
  );
}

function Own({ facts, far }: { facts: LibraryFacts; far: number }) {
  const { name, samples, sources, listed, genes, depth, missing, renamed, mangled, notes } = facts;
  const rest = sources.length - NAMED;
  return (
    <>
      <p className="small">
        <b>{name}</b>: {count(samples)} samples
        {sources.length > 1 &&
          ` (${sources
            .slice(0, NAMED)
            .map((source) => `${source.name} ${count(source.samples)}`)
            .join(', ')}${rest > 0 ? ` and ${rest} more files` : ''})`}
        .
      </p>
      <dl className="verdicts">
        <dt>Genes of the model that it lists</dt>
        <dd>
          {count(listed)} of {count(genes)} ({Math.floor((100 * listed) / genes)} %)
        </dd>
        <dt>Molecules a sample, median</dt>
        <dd>{depth === null ? 'not known: normalised' : count(Math.round(depth))}</dd>
      </dl>
      <div className="matched">
        <Names
          title={sources.length > 1 ? 'Not listed in every file' : 'Not listed'}
          names={missing}
        />
        <OtherNames renamed={renamed} mangled={mangled} />
      </div>
      {notes.length > 0 && (
        <ul className="quiet small">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <p className="faint small">
        Soft-kNN answers from each sample’s own profile; the predictor does not use it. No answer
        from it was tested, and the limit of “far” ({far.toFixed(2)}) was set with the model’s
        prototypes.
      </p>
    </>
  );
}

/** Where samples come from, how far the reading is, and the way back. */
function Source({ own }: { own: boolean }) {
  const commands = useCommands();
  const reading = useApp((s) => s.molecular.reading);
  if (!commands) return null;
  const { ownLibrary } = commands;
  if (reading !== null) {
    return (
      <div className="row small" role="status">
        <progress className="track" value={reading} max={1} aria-label="Reading the library" />
        <span>Reading, {Math.round(reading * 100)} %</span>
        <button type="button" className="link" onClick={() => ownLibrary.cancel()}>
          Cancel
        </button>
      </div>
    );
  }
  const open = (list: FileList | null) => {
    if (list && list.length > 0) void ownLibrary.loadShown(filesOf([...list]));
  };
  return (
    <>
      <div className="row gap library-ways">
        <FileTrigger allowsMultiple onSelect={open}>
          <Button className="btn line">
            <Upload size={14} aria-hidden="true" /> Counts of your own …
          </Button>
        </FileTrigger>
        <FileTrigger acceptDirectory onSelect={open}>
          <Button className="btn line">
            <FolderOpen size={14} aria-hidden="true" /> Folder …
          </Button>
        </FileTrigger>
        {own && (
          <button type="button" className="btn line" onClick={() => void ownLibrary.drop()}>
            The model’s prototypes
          </button>
        )}
      </div>
      <p className="faint small">
        Bulk or spatial: CSV, TSV (gzipped or not), Parquet, or matrix.mtx with features.tsv and
        barcodes.tsv; symbols or Ensembl ids. They stay on this machine.
      </p>
    </>
  );
}
