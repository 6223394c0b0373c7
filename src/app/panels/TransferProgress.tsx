import { useCommands } from '../context.ts';
import { formatBytes } from '../files.ts';
import { useApp } from '../state.ts';

/** The file under way: how far it is, and how to stop it. */
export function TransferProgress() {
  const commands = useCommands();
  const transfer = useApp((s) => s.transfer);
  if (!transfer) return null;
  const { kind, name, done, total, sofar } = transfer;
  const writing = kind === 'write';
  const share = total > 0 ? done / total : 0;
  return (
    <section className="transfer" aria-label={writing ? 'Export progress' : 'Import progress'}>
      <div className="row">
        <span className="transfer-name">{`${writing ? 'Writing' : 'Reading'} ${name}`}</span>
        <span className="quiet">{Math.round(share * 100)} %</span>
      </div>
      <progress className="track" value={done} max={Math.max(1, total)} aria-label="Done" />
      <div className="row quiet small">
        <span aria-live="polite">
          {writing
            ? `${done.toLocaleString('en')} of ${total.toLocaleString('en')} cells · ${formatBytes(sofar)}`
            : `${formatBytes(done)} of ${formatBytes(total)} · ${sofar.toLocaleString('en')} cells`}
        </span>
        <button type="button" className="link" onClick={() => commands?.transfers.cancel()}>
          Cancel
        </button>
      </div>
    </section>
  );
}
