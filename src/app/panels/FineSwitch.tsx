import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

/** Fine mode for the next analysis of a view. */
export function FineSwitch() {
  const commands = useCommands();
  const fine = useApp((s) => s.fine);
  const tokenUm = useApp((s) => s.kit?.tokenUm ?? null);
  const running = useApp((s) => s.run.phase === 'running');
  if (!tokenUm) return null;
  return (
    <label className="check small">
      <input
        type="checkbox"
        checked={fine}
        disabled={running}
        onChange={(event) => void commands?.running.setFine(event.target.checked)}
      />
      <span>
        Fine: four token grids, half a token apart, averaged
        <span className="faint">
          {' '}
          ({tokenUm / 2} µm squares, four encoder runs a field, views only)
        </span>
      </span>
    </label>
  );
}
