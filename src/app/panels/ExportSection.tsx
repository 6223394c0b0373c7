import { EXPORT_FORMATS } from '../../store/export/formats.ts';
import { useCommands } from '../context.ts';
import { formatBytes } from '../files.ts';
import { useApp } from '../state.ts';
import { PictureExports } from './PictureExports.tsx';

/** The analysed cells as files, each with where its numbers come from. */
export function ExportSection() {
  const commands = useCommands();
  const cells = useApp((s) => s.cells);
  const ready = useApp((s) => s.score !== null && s.imported === null);
  const imported = useApp((s) => s.imported !== null);
  const busy = useApp((s) => s.transfer !== null);
  return (
    <section className="files" aria-labelledby="export-title">
      <h2 id="export-title">Export</h2>
      <p className="quiet small">{introduction(ready, imported, cells)}</p>
      <ul className="formats">
        {EXPORT_FORMATS.map(({ id, name, use, bytesPerCell }) => (
          <li key={id}>
            <button
              type="button"
              className="format"
              disabled={!ready || busy}
              onClick={() => void commands?.transfers.saveShown(id)}
            >
              <b>{name}</b>
              <span className="quiet">
                {ready && bytesPerCell !== null ? `about ${formatBytes(cells * bytesPerCell)}` : ''}
              </span>
              <span className="faint">{use}</span>
            </button>
          </li>
        ))}
        <PictureExports />
      </ul>
    </section>
  );
}

function introduction(ready: boolean, imported: boolean, cells: number): string {
  if (imported) return 'The cells shown come from a file. Close them to export the analysed ones.';
  if (!ready) return 'Nothing to export yet. Analyse a view first.';
  return `${cells.toLocaleString('en')} analysed cells. Every file says slide, models and hashes. Research use only.`;
}
