import { useEffect, useMemo, useRef, useState } from 'react';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { BesideControls } from './BesideControls.tsx';
import { BesideFacts } from './BesideFacts.tsx';
import { BesideMap } from './BesideMap.tsx';
import { BesideScatter } from './BesideScatter.tsx';
import { spanOf, valuesOf } from './comparing.ts';
import { SpotsSource } from './SpotsSource.tsx';
import { SpotsTaskLine } from './SpotsTaskLine.tsx';
import type { MeasuredSpots } from './spots.ts';
import type { Compared, LoadedSpots } from './state.ts';
import { frameOf, usePicture, viewOf } from './tissue-picture.ts';
import { ANSWER_NAMES } from './words.ts';

/** Scores of one gene set on the same spots: measured, predicted, and one against the other. */
export function BesideDialog() {
  const commands = useCommands();
  const { loaded, compared, task } = useApp((s) => s.spots);
  const notice = useApp((s) => s.notice);
  if (!commands) return null;
  return (
    <div className="beside">
      {loaded && <BesideControls loaded={loaded} />}
      {notice?.tone === 'error' && (
        <p className="beside-error" role="alert">
          {notice.message}
        </p>
      )}
      {!loaded && <SpotsSource />}
      <SpotsTaskLine />
      {loaded && compared && <Sides {...{ measured: commands.measured, loaded, compared }} />}
      {loaded && !compared && !task && (
        <p className="quiet">
          {loaded.spots.toLocaleString('en')} spots of {loaded.name} are loaded. Choose a gene set:
          the encoder then looks at the tissue of each spot, some 0.2 s each, once.
        </p>
      )}
    </div>
  );
}

const GAP = 16;
const CARD = 12;
/** What stands above and below the pictures, CSS px. */
const AROUND = 452;
const LEAST = 240;

function Sides(props: { measured: MeasuredSpots; loaded: LoadedSpots; compared: Compared }) {
  const { measured, loaded, compared } = props;
  const commands = useCommands();
  const { answer, view } = useApp((s) => s.spots);
  const mpp = useApp((s) => s.slide?.mpp ?? 1);
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const [marked, setMarked] = useState(-1);
  const { columns, table } = measured;

  const spots = useMemo(() => {
    if (!columns || !table) return null;
    const pick = (values: Float64Array) => Float64Array.from(columns.rows, (row) => values[row]);
    return { x: pick(table.x), y: pick(table.y), radius: loaded.diameterUm / mpp / 2 };
  }, [columns, table, loaded, mpp]);
  const dpr = window.devicePixelRatio;
  const px = { width: Math.round(size.width * dpr), height: Math.round(size.height * dpr) };
  const rect = spots ? frameOf(spots, spots.radius, px) : { x: 0, y: 0, w: 0, h: 0 };
  const picture = usePicture(commands?.bench.slide ?? null, rect, px);

  const middle = view === 'difference' ? 'difference' : 'predicted';
  if (!columns || !spots) return null;
  const own = columns.measured;
  const shown = valuesOf(columns, middle, answer);
  const [low, high] = spanOf(own);
  const [lowShown, highShown] = spanOf(shown, middle === 'difference');
  const slope = compared.slope[answer];
  const unit = 'ranks from the mean';
  const shape = { picture, view: viewOf(rect, px.width), px, dpr, onMark: setMarked };
  return (
    <>
      <div className="beside-sides" ref={box}>
        <BesideMap
          title="Measured"
          about="ssGSEA of the molecules counted in each spot."
          spots={{ ...spots, values: own, map: 'viridis', low, high, marked }}
          unit={unit}
          {...shape}
        />
        <BesideMap
          title={
            middle === 'difference'
              ? `Measured − predicted (${ANSWER_NAMES[answer]})`
              : `Predicted from H&E (${ANSWER_NAMES[answer]})`
          }
          about={
            slope === null
              ? 'No slope is known for this set: predicted in its own ranks.'
              : `The field around each spot. Taken from its mean, times ${slope.toFixed(2)}.`
          }
          spots={{
            ...spots,
            values: shown,
            map: middle === 'difference' ? 'vik' : 'viridis',
            low: lowShown,
            high: highShown,
            marked,
          }}
          unit={unit}
          {...shape}
        />
        <BesideScatter
          title="One against the other"
          about={
            slope === null
              ? 'A point a spot, coloured by its measured score.'
              : 'A point a spot, coloured by its measured score. Line: equal.'
          }
          measured={own}
          predicted={columns.predicted[answer]}
          {...{ low, high, marked, size: { ...size, height: size.height + 40 } }}
          scaled={slope !== null}
          onMark={setMarked}
        />
      </div>
      <BesideFacts {...{ loaded, compared, answer, total: table?.x.length ?? 0 }} />
    </>
  );
}

/** Size of the picture in a card that has a third of the box's width, CSS px. */
function useSize(box: React.RefObject<HTMLDivElement | null>) {
  const [size, setSize] = useState({ width: 400, height: 400 });
  useEffect(() => {
    const measure = () => {
      if (!box.current) return;
      const width = Math.floor((box.current.clientWidth - 2 * GAP) / 3 - 2 * CARD - 2);
      const height = Math.max(LEAST, Math.min(width, window.innerHeight - AROUND));
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    };
    measure();
    window.addEventListener('resize', measure);
    return () => window.removeEventListener('resize', measure);
  }, [box]);
  return size;
}
