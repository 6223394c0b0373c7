import { HOLD_KEY, SHORTCUTS } from '../keys.ts';

export function HelpDialog() {
  return (
    <>
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
      <p className="faint small">
        Drag to move, scroll to zoom, click a cell for its card. Cytolens {__VERSION__}. Research
        use only.
      </p>
    </>
  );
}
