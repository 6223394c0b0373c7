import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { EncoderChoice } from './EncoderChoice.tsx';
import { Results } from './Results.tsx';
import { RunFoot } from './RunFoot.tsx';
import { SetChoice } from './SetChoice.tsx';

/** Encoders on trial: a labelled set on the left, what came of it on the right. */
export function AuditDialog() {
  const commands = useCommands();
  const { results } = useApp((s) => s.audit);
  if (!commands) return null;
  return (
    <div className="audit">
      <div className="audit-desk">
        <div className="audit-asked">
          <SetChoice auditing={commands.auditing} />
          <EncoderChoice auditing={commands.auditing} />
        </div>
        <RunFoot auditing={commands.auditing} />
      </div>
      <div className="audit-found">
        {results.length > 0 ? (
          <Results auditing={commands.auditing} audits={results} />
        ) : (
          <Questions />
        )}
      </div>
    </div>
  );
}

const QUESTIONS: readonly [question: string, how: string][] = [
  [
    'Does it see tissue, or the scanner?',
    'Whether a tile’s nearest neighbours share its class or its centre: robustness index and ratio, margins, clusters.',
  ],
  [
    'Does it change its mind when the tissue is turned?',
    'Which neighbours stay at 24 angles, quarter turns apart from the rest.',
  ],
  [
    'Does it hang on the size of the field?',
    'The same tissue in half and twice the field, at the same scale and at another.',
  ],
  [
    'Can it find tissue of the same kind?',
    'Retrieval by one vector a tile, and by its patch tokens.',
  ],
  [
    'What does a biased training set cost?',
    'A task whose classes get entangled with the centre, step by step.',
  ],
  ['What does it cost to run?', 'Time, bytes and estimated energy on this machine.'],
];

/** Before there are numbers: what will be asked. */
function Questions() {
  return (
    <div className="audit-questions">
      <h3>What the audit asks of an encoder</h3>
      <dl>
        {QUESTIONS.map(([question, how]) => (
          <div key={question}>
            <dt>{question}</dt>
            <dd className="quiet small">{how}</dd>
          </div>
        ))}
      </dl>
      <p className="faint small">Tiles never leave this machine. Research use only.</p>
    </div>
  );
}
