import { Upload, X } from 'lucide-react';
import { Button, FileTrigger } from 'react-aria-components';
import type { ImportReport } from '../../store/import/builder.ts';
import { useCommands } from '../context.ts';
import { setState, useApp } from '../state.ts';
import type { Imported } from '../transfer-state.ts';

/** Cells that another program found, shown on this slide. */
export function ImportSection() {
  const imported = useApp((s) => s.imported);
  const askUnit = useApp((s) => s.askUnit);
  return (
    <section className="files" aria-labelledby="import-title">
      <h2 id="import-title">Import</h2>
      {imported && <ImportedCells imported={imported} />}
      {askUnit ? <AskUnit file={askUnit} /> : <ChooseFile />}
    </section>
  );
}

function ChooseFile() {
  const commands = useCommands();
  const disabled = useApp((s) => s.slide === null || s.transfer !== null);
  const open = (files: FileList | null) => {
    if (files?.[0]) void commands?.transfers.importShown(files[0]);
  };
  return (
    <>
      <p className="quiet small">
        Cells of this slide from QuPath (GeoJSON), a table of places (CSV, Parquet), or a file that
        was exported here. Drop it on the slide, or choose it. It stays on this machine.
      </p>
      <FileTrigger
        acceptedFileTypes={['.geojson', '.json', '.csv', '.tsv', '.txt', '.parquet']}
        onSelect={open}
      >
        <Button className="btn line" isDisabled={disabled}>
          <Upload size={16} aria-hidden="true" /> Open cells
        </Button>
      </FileTrigger>
    </>
  );
}

function AskUnit({ file }: { file: File }) {
  const commands = useCommands();
  return (
    <div className="ask-unit">
      <p>{file.name} does not say in which unit its x and y are.</p>
      <div className="row gap">
        <button
          type="button"
          className="btn line"
          onClick={() => void commands?.transfers.importShown(file, 'px')}
        >
          Pixels (level 0)
        </button>
        <button
          type="button"
          className="btn line"
          onClick={() => void commands?.transfers.importShown(file, 'um')}
        >
          Micrometres
        </button>
        <button type="button" className="link" onClick={() => setState({ askUnit: null })}>
          Cancel
        </button>
      </div>
    </div>
  );
}

function ImportedCells({ imported: { source, report } }: { imported: Imported }) {
  const commands = useCommands();
  return (
    <div className="imported">
      <div className="row">
        <b className="transfer-name">{source}</b>
        <button
          type="button"
          className="btn icon"
          aria-label="Close the imported cells"
          onClick={() => commands?.transfers.closeImported()}
        >
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      <ul className="small quiet">
        {reportLines(report).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

/** What became of the file, a sentence each. */
function reportLines(report: ImportReport): string[] {
  const count = (number: number) => number.toLocaleString('en');
  const lines = [`${count(report.cells)} cells, ${report.format}. Imported, not predicted here.`];
  const say = (number: number, text: string) => {
    if (number > 0) lines.push(`${count(number)} ${text}`);
  };
  if (report.prediction) lines.push(`Values are those of “${report.prediction}” as exported.`);
  if (report.points) {
    lines.push('The file holds no outlines: circles mark the places.');
  } else if (report.format === 'GeoJSON') {
    lines.push(`Mean error of area: ${(report.meanAreaError * 100).toFixed(1)} % of the cell.`);
  }
  say(report.approximated, 'outlines that 32 rays miss by over 10 % of their area.');
  say(report.manyParts, 'had several parts: the largest is shown.');
  say(report.flattened, 'had a height (z), which is left away.');
  say(report.outside, 'lie outside of this slide and are left out.');
  say(report.tooLarge, 'are larger than a cell (over 32 µm in radius) and are left out.');
  say(report.notPolygons, 'are not polygons and are left out.');
  say(report.notNumbers, 'have places that are not numbers and are left out.');
  return lines;
}
