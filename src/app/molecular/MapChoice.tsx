import { useEffect } from 'react';
import { UNVALIDATED } from '../../molecular/prompt.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import type { Answered, MapShows } from './state.ts';

/** What is coloured on the slide. */
export function MapChoice({ answer }: { answer: Answered }) {
  const commands = useCommands();
  const { map, b, cells } = useApp((s) => s.molecular);
  const head = useApp((s) => s.kit?.head.status.id);
  const running = useApp(({ run }) => run.phase === 'running' || run.phase === 'watching');
  useEffect(() => {
    // The projection is of the cells there were: when cells arrive or the head changes, it goes.
    const stays = head !== undefined && !running;
    return stays ? () => commands?.prompting.colourCells(false) : undefined;
  }, [commands, head, running]);
  if (!commands) return null;
  const { prompting } = commands;
  const choice = (value: MapShows | null, text: string) => (
    <button
      type="button"
      className="btn line"
      aria-pressed={map === value && !cells}
      onClick={() => prompting.show(value)}
    >
      {text}
    </button>
  );
  return (
    <section aria-label="Map on the slide">
      <h2>Map on the slide</h2>
      <div className="map-choice">
        {choice('predictor', 'Predictor')}
        {choice('knn', 'Soft-kNN')}
        {b && b.count === answer.count && choice('difference', 'A − B')}
        <button
          type="button"
          className="btn line"
          aria-pressed={cells}
          disabled={running}
          onClick={() => prompting.colourCells(!cells)}
        >
          Cells
        </button>
        {choice(null, 'Off')}
      </div>
      {cells && (
        <p className="small prompt-caveat">
          {UNVALIDATED}: every cell shows the score of its field; nothing finer was tested.
        </p>
      )}
    </section>
  );
}
