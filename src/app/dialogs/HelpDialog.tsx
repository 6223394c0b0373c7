import { ANNOTATE_KEYS } from '../annotate/tools.ts';
import { HOLD_KEY, SHORTCUTS } from '../keys.ts';
import { LookSection } from '../look/LookSection.tsx';

export function HelpDialog() {
  return (
    <>
      <LookSection />
      <dl className="keys">
        {[...SHORTCUTS, HOLD_KEY].map(({ label, what }) => (
          <div key={label}>
            <dt>
              <kbd>{label}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h3>While annotating (D)</h3>
      <dl className="keys">
        {ANNOTATE_KEYS.map(({ label, what }) => (
          <div key={label}>
            <dt>
              <kbd>{label}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p className="faint small">
        Drag to move, scroll to zoom, click a cell for its card. Cytolens {__VERSION__}. Research
        use only.
      </p>
    </>
  );
}
