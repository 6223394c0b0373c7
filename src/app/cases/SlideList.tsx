import { Check, CircleCheck } from 'lucide-react';
import { useMemo } from 'react';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { keyOfSource } from './case.ts';
import { detailOf, isOfCase, type RailRow, rowsOf, sourceOfRow } from './rows.ts';
import { Thumb } from './Thumb.tsx';
import { VirtualList } from './VirtualList.tsx';

/** CSS px; also in cases.css. */
const ROW = 58;

/** The slides of the case shown, or those at hand; only pictures where the rail is narrow. */
export function SlideList({ query, narrow }: { query: string; narrow: boolean }) {
  const currentCase = useApp((s) => s.currentCase);
  const caseSlides = useApp((s) => s.caseSlides);
  const local = useApp((s) => s.local);
  const namesMasked = useApp((s) => s.namesMasked);
  const open = useApp((s) => s.slide && keyOfSource(s.slide.source));
  const rows = useMemo(
    () => rowsOf({ currentCase, caseSlides, local, namesMasked }, query),
    [currentCase, caseSlides, local, namesMasked, query],
  );
  if (rows.length === 0 && query) return <p className="quiet small">No slide of this name.</p>;
  return (
    <VirtualList
      label="Slides"
      rows={rows}
      rowHeight={ROW}
      keyOf={(row) => row.key}
      search={query}
      current={rows.findIndex((row) => row.key === open)}
    >
      {(row, tab) => <Row row={row} tab={tab} current={row.key === open} narrow={narrow} />}
    </VirtualList>
  );
}

interface RowProps {
  row: RailRow;
  tab: 0 | -1;
  current: boolean;
  narrow: boolean;
}

function Row({ row, tab, current, narrow }: RowProps) {
  const commands = useCommands();
  const { of, name, key } = row;
  const reviewed = isOfCase(of) ? of.reviewed : null;
  const detail = detailOf(row);
  const open = () =>
    isOfCase(of) ? commands?.cases.openSlideShown(of) : commands?.openShown(of.source);
  return (
    <div className={`rail-row${current ? ' on' : ''}`}>
      <button
        type="button"
        className="rail-open"
        tabIndex={tab}
        aria-current={current}
        aria-label={reviewed ? `${name}, reviewed` : name}
        title={[name, detail].filter(Boolean).join('\n')}
        onClick={() => void open()}
      >
        <Thumb slideKey={key} source={() => sourceOfRow(row)} />
        {narrow && reviewed && <CircleCheck className="thumb-tick" size={16} aria-hidden="true" />}
        {!narrow && (
          <span className="rail-text">
            <span>{name}</span>
            <span className="faint small">{detail}</span>
          </span>
        )}
      </button>
      {!narrow && isOfCase(of) && (
        <button
          type="button"
          className="btn icon tick"
          tabIndex={tab}
          aria-pressed={reviewed !== null}
          aria-label={`${name} reviewed`}
          title={
            reviewed ? `Reviewed ${new Date(reviewed).toLocaleString('en-GB')}` : 'Not reviewed'
          }
          onClick={() => void commands?.cases.toggleReviewed(of)}
        >
          <Check size={16} aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
