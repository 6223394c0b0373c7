import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { comparableHeads } from './heads.ts';
import type { PaneShows, PaneState } from './state.ts';

const OWN: [string, PaneShows][] = [
  ['Tissue', { kind: 'tissue' }],
  ['Cell type', { kind: 'own', value: 'type' }],
  ['Attention', { kind: 'own', value: 'attention' }],
  ['Contribution', { kind: 'own', value: 'contribution' }],
];

/** What lies on a pane of the main pane's slide: tissue alone, its cells, or another head's. */
export function ShowsPicker({ pane: { n, shows, asking } }: { pane: PaneState }) {
  const commands = useCommands();
  const kit = useApp((s) => s.kit);
  const entries = useApp((s) => s.entries);
  const analysed = useApp((s) => s.cells > 0 && s.imported === null);
  const heads = kit && analysed ? comparableHeads(kit, entries) : [];
  const others = heads.flatMap(({ id, name }): [string, PaneShows][] => [
    [`B: ${name}`, { kind: 'head', id }],
    [`B − A: ${name}`, { kind: 'difference', id }],
  ]);
  const all = [...OWN, ...others];
  const now = JSON.stringify(shows);
  return (
    <select
      className="pane-shows"
      aria-label={`What pane ${n} shows`}
      value={now}
      disabled={asking !== null}
      onChange={(event) => {
        const chosen = all.find(([, wanted]) => JSON.stringify(wanted) === event.target.value);
        if (chosen) void commands?.panes.comparing.showShown(n, chosen[1]);
      }}
    >
      {OWN.map(optionOf)}
      {others.length > 0 && <optgroup label="Another head">{others.map(optionOf)}</optgroup>}
    </select>
  );
}

function optionOf([name, wanted]: [string, PaneShows]) {
  const value = JSON.stringify(wanted);
  return (
    <option key={value} value={value}>
      {name}
    </option>
  );
}
