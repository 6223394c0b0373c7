import { toCytolensError } from '../../core/errors.ts';
import type { ExportFormat } from '../../store/export.ts';
import { useCommands } from '../context.ts';
import { getState, report } from '../state.ts';

const MIME: Record<ExportFormat, string> = { geojson: 'application/geo+json', csv: 'text/csv' };

/** Cells as files, each with its provenance. */
export function ExportButtons() {
  const commands = useCommands();
  const save = (format: ExportFormat) => {
    try {
      const text = commands?.exportAs(format) ?? '';
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([text], { type: MIME[format] }));
      link.download = `${fileName(getState().slide?.info.name)}-cells.${format}`;
      link.click();
      // The browser reads the address after this handler; it must still be there then.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch (error) {
      report(toCytolensError(error));
    }
  };
  return (
    <div className="row buttons">
      <button type="button" className="btn line" onClick={() => save('geojson')}>
        Export GeoJSON
      </button>
      <button type="button" className="btn line" onClick={() => save('csv')}>
        Export CSV
      </button>
    </div>
  );
}

function fileName(name = 'slide'): string {
  return name.replace(/[^\w.-]+/g, '-').replace(/^-+|-+$/g, '') || 'slide';
}
