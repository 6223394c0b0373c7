import type { ModelEntry } from '../../analysis/analysis.ts';
import { useCommands } from '../context.ts';
import { typeName } from '../names.ts';
import { useApp } from '../state.ts';

const TRUST = {
  useful: 'Held up on unseen tissue',
  weak: 'Weak on unseen patients',
  chance: 'At chance level on unseen patients',
} as const;
const DEMONSTRATION = 'Demonstration on the drawn slide';
const OWN = 'Your own';

/** How far a head has been shown to hold, as a person reads it. */
export function trustOf({ origin, head }: ModelEntry): string {
  if (origin === 'added' || !head) return OWN;
  // Trained on no patient: on drawn tissue.
  return head.patients === 0 ? DEMONSTRATION : TRUST[head.trust];
}

/** Which question is asked of the tissue: one entry a target, grouped by how far it held up. */
export function HeadPicker() {
  const commands = useCommands();
  const kit = useApp((s) => s.kit);
  const entries = useApp((s) => s.entries);
  const preparing = useApp((s) => s.preparing);
  if (!kit) return null;
  const groups = groupsOf(targetsOf(entries, kit.head.status.id));
  return (
    <label className="picker">
      <span className="quiet">Asked</span>
      <select
        value={kit.head.status.id}
        disabled={preparing !== null}
        onChange={(event) => void commands?.chooseHeadShown(event.target.value)}
      >
        {groups.map(([title, heads]) => (
          <optgroup key={title} label={title}>
            {heads.map(({ id, head }) => (
              <option key={id} value={id}>
                {typeName((head?.label ?? id).replace(/^Predicted /, ''))}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

/** One head a target: the one in use, else one of the variant in use, else the first. */
function targetsOf(entries: readonly ModelEntry[], used: string): ModelEntry[] {
  const variant = entries.find((entry) => entry.id === used)?.head?.variant;
  const targets = new Map<string, ModelEntry>();
  for (const entry of entries) {
    if (!entry.head) continue;
    const key = `${entry.head.targetId} ${entry.head.tokens}`;
    const known = targets.get(key);
    const fits = entry.head.variant === variant && known?.id !== used;
    if (!known || entry.id === used || fits) targets.set(key, entry);
  }
  return [...targets.values()];
}

function groupsOf(heads: readonly ModelEntry[]): [string, ModelEntry[]][] {
  const groups = new Map<string, ModelEntry[]>();
  for (const title of [...Object.values(TRUST), DEMONSTRATION, OWN]) groups.set(title, []);
  for (const entry of heads) {
    groups.get(trustOf(entry))?.push(entry);
  }
  return [...groups].filter(([, list]) => list.length > 0);
}
