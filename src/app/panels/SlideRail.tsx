import { BookmarkPlus, ChevronLeft, EyeOff, PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import { useEffect } from 'react';
import { BookmarkList } from '../cases/BookmarkList.tsx';
import { CaseList } from '../cases/CaseList.tsx';
import { CaseView } from '../cases/CaseView.tsx';
import { SlideList } from '../cases/SlideList.tsx';
import { useCommands } from '../context.ts';
import { setLook } from '../look/look.ts';
import { Splitter } from '../look/Splitter.tsx';
import { NARROW_RAIL } from '../look/state.ts';
import { setState, useApp } from '../state.ts';

/** CSS px: from the least on there are names, too. */
const LEAST_WIDE = 216;
const USUAL_WIDE = 264;
const WIDEST = 480;

/** Slides at hand or of a case, and bookmarks; narrow, it is thumbnails alone. */
export function SlideRail() {
  const commands = useCommands();
  const width = useApp((s) => s.railWidth);
  const view = useApp((s) => s.railView);
  const slide = useApp((s) => s.slide?.info.id);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another slide has other bookmarks
  useEffect(() => void commands?.cases.bookmarks.load(), [commands, slide]);
  return (
    <nav aria-label="Slides" id="rail">
      {width > NARROW_RAIL && (
        <div className="rail wide">
          <RailHead />
          {view === 'cases' ? <CaseList /> : <CaseView />}
          <BookmarkList />
        </div>
      )}
      {width === NARROW_RAIL && <NarrowRail />}
      <Splitter
        label="Width of the slide list"
        controls="rail"
        edge="right"
        width={width}
        min={NARROW_RAIL}
        max={WIDEST}
        gap={[NARROW_RAIL, LEAST_WIDE]}
        onChange={(railWidth) => setLook({ railWidth })}
      />
    </nav>
  );
}

/** Where the list stands, names masked or not, and back to pictures only. */
function RailHead() {
  const view = useApp((s) => s.railView);
  const masked = useApp((s) => s.namesMasked);
  return (
    <div className="rail-head">
      {view === 'cases' ? (
        <h2>Cases</h2>
      ) : (
        <button type="button" className="link" onClick={() => setState({ railView: 'cases' })}>
          <ChevronLeft size={14} aria-hidden="true" /> Cases
        </button>
      )}
      <span className="spacer" />
      <button
        type="button"
        className={`btn icon${masked ? ' on' : ''}`}
        aria-pressed={masked}
        aria-label="Mask names"
        title="Mask names of slides and cases (N)"
        onClick={() => setLook({ namesMasked: !masked })}
      >
        <EyeOff size={16} aria-hidden="true" />
      </button>
      <button
        type="button"
        className="btn icon"
        aria-label="Pictures only"
        title="Pictures only"
        onClick={() => setLook({ railWidth: NARROW_RAIL })}
      >
        <PanelLeftClose size={16} aria-hidden="true" />
      </button>
    </div>
  );
}

function NarrowRail() {
  const commands = useCommands();
  const open = useApp((s) => s.slide !== null);
  return (
    <div className="rail">
      <button
        type="button"
        className="btn icon"
        aria-label="Names, cases and bookmarks"
        title="Names, cases and bookmarks"
        onClick={() => setLook({ railWidth: USUAL_WIDE })}
      >
        <PanelLeftOpen size={18} aria-hidden="true" />
      </button>
      <SlideList query="" narrow />
      <button
        type="button"
        className="btn icon"
        aria-label="Add a bookmark of this view"
        title="Add a bookmark of this view (B)"
        disabled={!open}
        onClick={() => void commands?.cases.bookmarks.addShown()}
      >
        <BookmarkPlus size={18} aria-hidden="true" />
      </button>
    </div>
  );
}
