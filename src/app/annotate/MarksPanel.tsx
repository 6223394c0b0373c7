import { Download, Eye, EyeOff, Upload } from 'lucide-react';
import { useState } from 'react';
import { Button, FileTrigger } from 'react-aria-components';
import { type Annotation, classOf, colourOf } from '../../annotation/annotation.ts';
import { areaOf, isArea } from '../../annotation/geometry.ts';
import { areaText } from '../../annotation/measure.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { CellsInside } from './CellsInside.tsx';
import { type CellCounts, sumOf } from './counting.ts';
import { MarkRow } from './MarkRow.tsx';
import { useCellCounts } from './use-cell-counts.ts';

/** Rows shown of a class at first, and more at each asking: a list may hold 100,000. */
const ROWS = 50;
const NO_MARKS: readonly Annotation[] = [];

/** Annotations and measurements of the slide by class, and the cells in them. */
export function MarksPanel() {
  const commands = useCommands();
  const count = useApp((s) => s.annotate.count);
  const slide = useApp((s) => s.slide);
  // The list is read anew with each version.
  useApp((s) => s.annotate.version);
  const list = commands?.annotating.annotator.list ?? NO_MARKS;
  const groups = groupsOf(list);
  const counts = useCellCounts(list);
  return (
    <>
      <section aria-label="Annotations" className="marks-head">
        <p aria-live="polite">
          <b>{count.toLocaleString('en')}</b> {count === 1 ? 'mark' : 'marks'} on this slide
        </p>
        <p className="faint small">
          Kept in this browser as you draw.
          {slide && slide.mpp === null && ' This slide does not say its scale: sizes are in px.'}
        </p>
      </section>
      {count === 0 && (
        <p>
          Nothing marked yet. Press <kbd>D</kbd>, choose a tool and draw on the slide; or open a
          file.
        </p>
      )}
      {[...groups].map(([name, marks]) => (
        <Group key={name} name={name} marks={marks} mpp={slide?.mpp ?? null} counts={counts} />
      ))}
      <Files />
    </>
  );
}

/** By class, in the order in which classes were first drawn. */
function groupsOf(list: readonly Annotation[]): Map<string, Annotation[]> {
  const groups = new Map<string, Annotation[]>();
  for (const annotation of list) {
    const name = annotation.kind === 'measurement' ? 'Measurements' : classOf(annotation);
    const group = groups.get(name);
    if (group) group.push(annotation);
    else groups.set(name, [annotation]);
  }
  return groups;
}

interface GroupProps {
  name: string;
  marks: readonly Annotation[];
  mpp: number | null;
  counts: ReadonlyMap<string, CellCounts>;
}

function Group({ name, marks, mpp, counts }: GroupProps) {
  const annotator = useCommands()?.annotating.annotator;
  const selected = useApp((s) => s.annotate.selected);
  const hidden = useApp((s) => s.annotate.hidden.includes(classOf(marks[0])));
  const [most, setMost] = useState(ROWS);
  const area = marks.reduce((sum, { geometry }) => sum + areaOf(geometry), 0) * (mpp ?? 1) ** 2;
  const areas = marks.filter(({ geometry }) => isArea(geometry));
  const shown = marks.slice(0, most);
  const chosen = marks.find(({ id }) => id === selected);
  // What is selected on the slide is seen in the list, wherever it stands.
  const rows = chosen && !shown.includes(chosen) ? [chosen, ...shown] : shown;
  const counted = areas.length > 0 ? sumOf(areas.map(({ id }) => counts.get(id))) : null;
  const measured = marks[0].kind === 'measurement';
  return (
    <section className="marks-group" aria-label={name}>
      <h2>
        {!measured && <i className="swatch" style={{ background: colourOf(marks[0]) }} />}
        <span className="grow">{name}</span>
        <span className="faint">
          {marks.length.toLocaleString('en')}
          {area > 0 && ` · ${areaText(area, mpp)}`}
        </span>
        <button
          type="button"
          className="btn icon"
          aria-label={`Show ${name}`}
          aria-pressed={!hidden}
          title={hidden ? 'Show on the slide' : 'Hide on the slide'}
          onClick={() => annotator?.toggleClass(classOf(marks[0]))}
        >
          {hidden ? <EyeOff size={15} aria-hidden="true" /> : <Eye size={15} aria-hidden="true" />}
        </button>
      </h2>
      {counted && areas.length > 1 && <CellsInside counts={counted} of={`${areas.length} areas`} />}
      <ul>
        {rows.map((mark) => (
          <MarkRow key={mark.id} mark={mark} mpp={mpp} counts={counts.get(mark.id) ?? null} />
        ))}
      </ul>
      {marks.length > most && (
        <button type="button" className="link" onClick={() => setMost(most + ROWS)}>
          Show more of {marks.length.toLocaleString('en')}
        </button>
      )}
    </section>
  );
}

/** Files of annotations, in and out. */
function Files() {
  const files = useCommands()?.annotating.files;
  const count = useApp((s) => s.annotate.count);
  const reading = useApp((s) => s.annotate.reading);
  const slide = useApp((s) => s.slide !== null);
  return (
    <section className="files" aria-labelledby="marks-files">
      <h2 id="marks-files">Files</h2>
      <p className="quiet small">
        GeoJSON as QuPath 0.5 and 0.6 read and write it, ids kept; ImageScope XML in. Drop a file on
        the slide, or choose it. It stays on this machine.
      </p>
      {reading && (
        <progress
          className="track"
          value={reading.share}
          max={1}
          aria-label={`Reading ${reading.name}`}
        />
      )}
      <div className="row gap">
        <FileTrigger
          acceptedFileTypes={['.geojson', '.json', '.xml']}
          onSelect={(chosen) => {
            if (chosen?.[0]) void files?.readShown(chosen[0]);
          }}
        >
          <Button className="btn line" isDisabled={!slide}>
            <Upload size={16} aria-hidden="true" /> Open
          </Button>
        </FileTrigger>
        <button
          type="button"
          className="btn line"
          disabled={count === 0}
          onClick={() => void files?.saveShown()}
        >
          <Download size={16} aria-hidden="true" /> GeoJSON
        </button>
      </div>
    </section>
  );
}
