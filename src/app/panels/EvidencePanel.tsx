import { NOTICE } from '../../store/provenance.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { Badges } from './Badges.tsx';
import { ExportButtons } from './ExportButtons.tsx';
import { FineSwitch } from './FineSwitch.tsx';
import { Gallery } from './Gallery.tsx';
import { HeadPicker } from './HeadPicker.tsx';
import { LoadingModels } from './LoadingModels.tsx';
import { RestsOn } from './RestsOn.tsx';
import { ScoreBlock } from './ScoreBlock.tsx';

/** The prediction and what it rests on. */
export function EvidencePanel() {
  const score = useApp((s) => s.score);
  return (
    <>
      {score ? <Evidence /> : <NothingYet />}
      <p className="note">
        {NOTICE} Attention is not explanation: it says where the model looked, not why.
      </p>
    </>
  );
}

function Evidence() {
  const top = useApp((s) => s.top);
  return (
    <>
      <ScoreBlock />
      <Badges />
      <RestsOn />
      <Gallery title="Most for" cells={top.supporting} tone="for" />
      <Gallery title="Most against" cells={top.opposing} tone="against" />
      <ExportButtons />
    </>
  );
}

/** Before the first analysis: what to do, and how far the models are. */
function NothingYet() {
  const commands = useCommands();
  const running = useApp((s) => s.run.phase === 'running');
  const slide = useApp((s) => s.slide);
  const opening = useApp((s) => s.opening !== null);
  const kit = useApp((s) => s.kit);
  const kitError = useApp((s) => s.kitError);
  if (kitError) {
    return (
      <div className="empty">
        <p>{kitError.message}</p>
        <p className="faint">The slide can still be looked at.</p>
      </div>
    );
  }
  const target = kit?.target.label ?? 'a biomarker';
  return (
    <div className="empty">
      <p>
        {running
          ? 'The first fields are being read.'
          : 'Nothing analysed yet. Zoom to the tissue you want to ask about, then analyse what you see.'}
      </p>
      {!running && (
        <button
          type="button"
          className="btn line"
          disabled={!slide || opening}
          onClick={() => void commands?.running.analyseView()}
        >
          Analyse view <kbd>A</kbd>
        </button>
      )}
      <HeadPicker />
      <FineSwitch />
      {kit && (
        <p className="faint">Ready: {target}, cell by cell, on this machine. No pixel leaves it.</p>
      )}
      <LoadingModels />
      <Badges />
    </div>
  );
}
