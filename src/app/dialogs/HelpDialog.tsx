import { ANNOTATE_KEYS } from '../annotate/tools.ts';
import { LookSection } from '../look/LookSection.tsx';
import { HOLD_KEY, SHORTCUT_GROUPS } from '../shortcuts.ts';

/** What the less usual parts of the screen tell; docs/trust.md and docs/retrieval.md say more. */
const TOLD: { name: string; what: string }[] = [
  {
    name: 'Trust',
    what: 'how far the predicted score moves under changes that should not matter, and how familiar the tissue is to the encoder. A steady score is not a right one.',
  },
  {
    name: 'No answer',
    what: 'the score lies where the head cannot tell the classes apart, or too much of the tissue is unlike all that the encoder knows. The Evidence panel says which, and shows the number when asked.',
  },
  {
    name: 'Similar regions',
    what: 'the analysed fields most like a region to the encoder. Ask from a mark, from a cell’s card or from the Region panel. Alike is not the same diagnosis.',
  },
];

/** Look, what the screen calls things, and all keys by what they are for. */
export function HelpDialog() {
  return (
    <>
      <LookSection />
      <div className="keys">
        <section className="told">
          <h3>What is said</h3>
          {TOLD.map(({ name, what }) => (
            <p key={name}>
              <b>{name}</b>: {what}
            </p>
          ))}
        </section>
        {SHORTCUT_GROUPS.map(({ title, shortcuts }) => (
          <KeyList
            key={title}
            title={title}
            rows={title === 'Show' ? [...shortcuts, HOLD_KEY] : shortcuts}
          />
        ))}
        <KeyList title="While annotating (D)" rows={ANNOTATE_KEYS} />
      </div>
      <p className="faint small">
        Drag to move, scroll to zoom, click a cell for its card. Cytolens {__VERSION__}. Research
        use only.
      </p>
    </>
  );
}

interface KeyListProps {
  title: string;
  rows: readonly { label: string; what: string }[];
}

function KeyList({ title, rows }: KeyListProps) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {rows.map(({ label, what }) => (
          <div key={label}>
            <dt>
              <kbd>{label}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
