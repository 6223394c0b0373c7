import { Download, Trash2, Upload } from 'lucide-react';
import { useEffect } from 'react';
import { Button, FileTrigger } from 'react-aria-components';
import { useCommands } from '../context.ts';
import { formatBytes } from '../files.ts';
import { ConfirmButton } from '../look/ConfirmButton.tsx';
import { openName } from '../names.ts';
import type { KeptResult } from '../run-state.ts';
import { useApp } from '../state.ts';

/** Whole-slide results in this browser's storage. */
export function KeptSection() {
  const commands = useCommands();
  const kept = useApp((s) => s.kept);
  const phase = useApp((s) => s.run.phase);
  // Told again while a run goes on, but not with every field.
  const tens = useApp((s) => Math.floor(s.run.done / 10));
  // biome-ignore lint/correctness/useExhaustiveDependencies: a run changes the list
  useEffect(() => void commands?.results.list(), [commands, phase, tens]);
  const open = (files: FileList | null) => {
    if (files?.[0]) void commands?.results.open({ kind: 'archive', file: files[0] });
  };
  return (
    <section className="files" aria-labelledby="kept-title">
      <h2 id="kept-title">Kept on this machine</h2>
      {kept?.problem && <p className="quiet small">{kept.problem}</p>}
      {kept && !kept.problem && kept.list.length === 0 && (
        <p className="quiet small">
          Nothing yet. An analysis of a whole slide is kept here field by field, so that it survives
          a reload.
        </p>
      )}
      <ul className="kept">
        {kept?.list.map((result, at) => (
          <Row key={result.path} result={result} at={at} />
        ))}
      </ul>
      {kept && kept.quota > 0 && (
        <p className="faint small">
          {formatBytes(kept.used)} of about {formatBytes(kept.quota)} that this browser allows are
          used.
        </p>
      )}
      {kept && kept.list.length > 1 && (
        <ConfirmButton
          className="btn line"
          ask={`Remove all ${kept.list.length} kept results of every slide? This cannot be undone.`}
          yes="Remove all"
          disabled={phase === 'running'}
          onConfirm={() => void commands?.results.removeAll()}
        >
          <Trash2 size={16} aria-hidden="true" /> Remove all kept results
        </ConfirmButton>
      )}
      <FileTrigger acceptedFileTypes={['.zip']} onSelect={open}>
        <Button className="btn line">
          <Upload size={16} aria-hidden="true" /> Open results
        </Button>
      </FileTrigger>
    </section>
  );
}

function Row({ result, at }: { result: KeptResult; at: number }) {
  const commands = useCommands();
  const open = useApp((s) => s.slide?.info.id ?? null);
  const running = useApp((s) => s.run.phase === 'running');
  const masked = useApp((s) => s.namesMasked);
  const { fields, total, done, bytes, created, problem, slideId, path } = result;
  const state = done ? 'complete' : `${Math.floor((100 * fields) / Math.max(1, total))} % done`;
  const name = !masked ? result.name : open === slideId ? openName() : `Result ${at + 1}`;
  const date = created ? new Date(created).toLocaleDateString('en-GB') : '';
  return (
    <li>
      <div className="kept-text">
        <b>{name}</b>
        <span className="quiet small">
          {problem ??
            `${fields.toLocaleString('en')} fields, ${state} · ${formatBytes(bytes)} · ${date}`}
        </span>
      </div>
      {open === slideId && !problem && (
        <button type="button" className="link" onClick={() => void commands?.results.show()}>
          Show
        </button>
      )}
      <button
        type="button"
        className="btn icon"
        aria-label={`Save the results of ${name} as a file`}
        disabled={problem !== null}
        onClick={() => void commands?.results.save({ ...result, name })}
      >
        <Download size={15} aria-hidden="true" />
      </button>
      <button
        type="button"
        className="btn icon"
        aria-label={`Remove the results of ${name}`}
        disabled={running && open === slideId}
        onClick={() => void commands?.results.remove(path)}
      >
        <Trash2 size={15} aria-hidden="true" />
      </button>
    </li>
  );
}
