import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import type { SpotsTask } from './state.ts';

const WORDS: Record<SpotsTask['what'], string> = {
  read: 'Reading',
  see: 'The encoder looks at the tissue of each spot:',
  score: 'Scoring',
};

/** What is under way, how far, and how to stop it. */
export function SpotsTaskLine() {
  const commands = useCommands();
  const task = useApp((s) => s.spots.task);
  if (!task) return null;
  return (
    <div className="spots-task small" role="status">
      <span>
        {WORDS[task.what]} {task.detail}
      </span>
      <progress className="track" value={task.share} max={1} />
      <button type="button" className="link" onClick={() => commands?.measured.cancel()}>
        Cancel
      </button>
    </div>
  );
}
