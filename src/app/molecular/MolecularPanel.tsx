import { useEffect } from 'react';
import { useCommands } from '../context.ts';
import { LoadingModels } from '../panels/LoadingModels.tsx';
import { SpotsSection } from '../spots/SpotsSection.tsx';
import { useApp } from '../state.ts';
import { Answer } from './Answer.tsx';
import { ComparePrompts } from './ComparePrompts.tsx';
import { LibrarySection } from './LibrarySection.tsx';
import { MapChoice } from './MapChoice.tsx';
import { PromptBox } from './PromptBox.tsx';
import { modelsNow } from './prompting.ts';
import { SpectrumChart } from './SpectrumChart.tsx';

/** Ask the analysed fields for a gene set. */
export function MolecularPanel() {
  const commands = useCommands();
  const slide = useApp((s) => s.slide?.info.id);
  const loaded = useApp((s) => s.kit !== null);
  const kitError = useApp((s) => s.kitError);
  const models = useApp(modelsNow);
  const { alignment, unavailable, a } = useApp((s) => s.molecular);
  useEffect(() => {
    if (slide && loaded && models) void commands?.prompting.beginShown();
  }, [commands, slide, loaded, models]);
  if (!loaded) return kitError ? <p>{kitError.message}</p> : <LoadingModels />;
  if (!alignment) return unavailable ? <p role="status">{unavailable}</p> : <Starting />;
  return (
    <>
      <PromptBox />
      {a && <Answer answer={a} />}
      {a && <MapChoice answer={a} />}
      {a && <ComparePrompts answer={a} />}
      <SpotsSection />
      <SpectrumChart spectrum={alignment.spectrum} />
      <LibrarySection />
      <WhoItKnows />
    </>
  );
}

function Starting() {
  return (
    <div className="quiet small" role="status">
      <progress className="track" aria-label="Starting the molecular model" />
      Starting the molecular model
    </div>
  );
}

/** Who the model was trained on, and whom it never saw. */
function WhoItKnows() {
  const alignment = useApp((s) => s.molecular.alignment);
  if (!alignment) return null;
  const { trained, tested, tissue, note, status } = alignment;
  return (
    <section aria-label="What this model knows">
      <h2>What this model knows</h2>
      <p className="small under" data-testid="who">
        Trained on {patients(trained)} of {tissue}; tested on {patients(tested)}, whom it never saw.{' '}
        {note}
      </p>
      <p className="faint small under">
        {status.name} {status.version}, {status.provider} {status.dtype}, parity{' '}
        {status.parity.error.toExponential(0)} (allowed {status.parity.tolerance}). Research use
        only.
      </p>
    </section>
  );
}

function patients(names: readonly string[]): string {
  return `${names.length === 1 ? 'patient' : 'patients'} ${names.join(', ')}`;
}
