import { useEffect, useRef, useState } from 'react';
import { isCytolensError, toCytolensError } from '../../core/errors.ts';
import { LIST_LIMIT, listSeries, type SeriesEntry } from '../../slide/dicom/web.ts';
import { useCommands } from '../context.ts';
import { setState } from '../state.ts';

interface Listed {
  /** What was asked with, which the fields may no longer say. */
  service: string;
  token: string | undefined;
  entries: SeriesEntry[];
}

/**
 * Slides of a DICOMweb service. What it tells of patients is not shown; the token stays in this
 * page's memory until it is closed.
 */
export function DicomWebSection() {
  const commands = useCommands();
  const [service, setService] = useState('');
  const [token, setToken] = useState('');
  const [listed, setListed] = useState<Listed | null>(null);
  const [problem, setProblem] = useState('');
  const [asking, setAsking] = useState<AbortController | null>(null);
  const latest = useRef<AbortController | null>(null);
  useEffect(() => () => latest.current?.abort(), []);

  const list = async () => {
    const abort = new AbortController();
    latest.current?.abort();
    latest.current = abort;
    setAsking(abort);
    setListed(null);
    setProblem('');
    const asked = { service: service.trim().replace(/\/+$/, ''), token: token.trim() || undefined };
    try {
      const entries = await listSeries(asked.service, asked.token, abort.signal);
      setListed({ ...asked, entries });
    } catch (error) {
      if (!isCytolensError(error, 'cancelled')) setProblem(toCytolensError(error).message);
    } finally {
      setAsking((current) => (current === abort ? null : current));
    }
  };

  const choose = ({ study, series, description }: SeriesEntry) => {
    if (!listed) return;
    const { service, token } = listed;
    void commands?.openShown({
      kind: 'dicomweb',
      series: { service, study, series, ...(token ? { token } : {}) },
      facts: description ? { name: description } : undefined,
    });
    setState({ dialog: null });
  };

  return (
    <section aria-label="From a DICOMweb server">
      <h3>From a DICOMweb server</h3>
      <form
        className="row gap"
        onSubmit={(event) => {
          event.preventDefault();
          if (service.trim()) void list();
        }}
      >
        <label className="grow">
          Address of the service
          <input
            value={service}
            onChange={(event) => setService(event.target.value)}
            placeholder="https://…/dicom-web"
            spellCheck={false}
            autoComplete="off"
          />
        </label>
        <label>
          Token, if it asks for one
          <input
            type="password"
            value={token}
            onChange={(event) => setToken(event.target.value)}
            autoComplete="off"
          />
        </label>
        <button type="submit" className="btn line" disabled={!service.trim()}>
          List slides
        </button>
      </form>
      {asking && <p className="faint small">Asking the service …</p>}
      {problem && (
        <p className="small bad" role="alert">
          {problem}
        </p>
      )}
      {listed && <SeriesList entries={listed.entries} choose={choose} />}
    </section>
  );
}

interface SeriesListProps {
  entries: SeriesEntry[];
  choose: (entry: SeriesEntry) => void;
}

function SeriesList({ entries, choose }: SeriesListProps) {
  if (entries.length === 0) {
    return <p className="faint small">The service has no slides (series of modality SM).</p>;
  }
  return (
    <>
      <ul className="choices" aria-label="Slides of the service">
        {entries.map((entry, i) => (
          <li key={entry.series}>
            <button type="button" onClick={() => choose(entry)}>
              <span>{entry.description || `Series ${i + 1}, without a description`}</span>
              <span className="faint small">{factsOf(entry)}</span>
            </button>
          </li>
        ))}
      </ul>
      {entries.length === LIST_LIMIT && (
        <p className="faint small">The first {LIST_LIMIT} series; there may be more.</p>
      )}
    </>
  );
}

function factsOf({ modality, instances }: SeriesEntry): string {
  if (instances === null) return modality;
  return `${modality} · ${instances} ${instances === 1 ? 'image' : 'images'}`;
}
