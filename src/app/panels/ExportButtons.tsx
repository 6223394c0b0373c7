import { Download } from 'lucide-react';
import { setState } from '../state.ts';

/** From the evidence to the panel where files are written. */
export function ExportButtons() {
  return (
    <div className="row buttons">
      <button type="button" className="btn line" onClick={() => setState({ panel: 'results' })}>
        <Download size={16} aria-hidden="true" /> Export
      </button>
    </div>
  );
}
