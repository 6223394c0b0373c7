import { LoadingModels } from '../panels/LoadingModels.tsx';
import { setState, useApp } from '../state.ts';
import { type Auditing, chosenEncoders } from './auditing.ts';

/** Which encoders look at the tiles, and how many of them are turned; embeddings need none. */
export function EncoderChoice({ auditing }: { auditing: Auditing }) {
  const audit = useApp((s) => s.audit);
  const entries = useApp((s) => s.entries);
  const kit = useApp((s) => s.kit);
  const { set, turned, running } = audit;
  const known = entries.filter(({ role }) => role === 'encoder');
  const chosen = chosenEncoders({ audit, entries, kit }).map(({ id }) => id);
  if (set?.kind === 'tables') return null;
  return (
    <section>
      <h3>2. Encoders</h3>
      <LoadingModels />
      {known.length > 0 && (
        <div className="audit-encoders">
          {known.map(({ id, name, origin }) => (
            <label key={id} className="small">
              <input
                type="checkbox"
                checked={chosen.includes(id)}
                disabled={running !== null}
                onChange={(event) => auditing.choose(id, event.target.checked)}
              />
              <span>
                {name} <span className="faint nowrap">{origin === 'added' ? 'yours' : id}</span>
              </span>
            </label>
          ))}
        </div>
      )}
      <p className="faint small">
        Add your own under Models. Each gives its class token beside the mean of its patch tokens.
      </p>
      <label className="audit-turned small">
        Tiles that are turned and resized
        <select
          value={turned}
          disabled={running !== null}
          onChange={(event) => turn(Number(event.target.value))}
        >
          {[8, 32, 64, 128, 400].map((n) => (
            <option key={n} value={n}>
              {n} ({(n * 27).toLocaleString('en')} looks)
            </option>
          ))}
        </select>
      </label>
    </section>
  );
}

function turn(turned: number): void {
  setState(({ audit }) => ({ audit: { ...audit, turned } }));
}
