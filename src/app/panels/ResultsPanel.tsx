import { ExportSection } from './ExportSection.tsx';
import { ImportSection } from './ImportSection.tsx';
import { KeptSection } from './KeptSection.tsx';
import { TransferProgress } from './TransferProgress.tsx';

/** Results as files: out of Cytolens, and into it. */
export function ResultsPanel() {
  return (
    <>
      <TransferProgress />
      <KeptSection />
      <ExportSection />
      <ImportSection />
    </>
  );
}
