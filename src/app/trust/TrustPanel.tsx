import { setState, useApp } from '../state.ts';
import { Calibration } from './Calibration.tsx';
import { FieldSizes } from './FieldSizes.tsx';
import { KnownTissue } from './KnownTissue.tsx';
import { SlideChecks } from './SlideChecks.tsx';
import { Stress } from './Stress.tsx';

/** How far the prediction in front of you can be trusted. */
export function TrustPanel() {
  const analysed = useApp((s) => s.score !== null);
  return (
    <>
      {analysed ? (
        <>
          <Stress />
          <KnownTissue />
          <FieldSizes />
        </>
      ) : (
        <p className="quiet">
          Nothing analysed yet. Analyse a view (<kbd>A</kbd>), then ask here what its score depends
          on, and where the tissue is unlike what the models know.
        </p>
      )}
      <Calibration />
      <SlideChecks />
      <button
        type="button"
        className="btn line under"
        onClick={() => setState({ dialog: { kind: 'audit' } })}
      >
        Audit an encoder…
      </button>
      <p className="note">
        A steady score is not a right one: it only does not hang on what should not matter.
      </p>
    </>
  );
}
