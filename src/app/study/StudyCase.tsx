import { useEffect, useMemo, useRef } from 'react';
import type { Rect } from '../../core/geometry.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { EvidencePainter } from './paint.ts';
import { type EvidenceView, isComplete, press, STUDY_KEYS, type StudySession } from './session.ts';

/** CSS px of a view's side. */
const SIZE = 520;

/** One case: two blinded views, and what is said of them so far. Answered by keyboard alone. */
export function StudyCase(props: { study: StudySession; onChange: (next: StudySession) => void }) {
  const { study, onChange } = props;
  const commands = useCommands();
  const mpp = useApp((s) => s.slide?.mpp ?? null);
  const painter = useMemo(() => {
    const bench = commands?.bench;
    return bench?.slide && mpp ? new EvidencePainter(bench.slide, bench.cells, mpp) : null;
  }, [commands, mpp]);
  useEffect(() => {
    const abort = new AbortController();
    document.addEventListener(
      'keydown',
      (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const next = press(study, event.key, Date.now());
        // Enter never presses a button here: on an unfinished case it would close the dialog.
        if (next === study && event.key !== 'Enter') return;
        event.preventDefault();
        event.stopPropagation();
        if (next !== study) onChange(next);
      },
      { signal: abort.signal, capture: true },
    );
    return () => abort.abort();
  }, [study, onChange]);
  if (!painter) return null;
  const number = study.answers.length;
  const { rect, a, b } = study.trials[number];
  const { preference, ratingA, ratingB } = study.now;
  return (
    <div className="study">
      <div className="row quiet">
        <span>
          Case {number + 1} of {study.trials.length}
        </span>
        <span>{STUDY_KEYS}</span>
      </div>
      <div className="study-views">
        <View
          name="A"
          painter={painter}
          rect={rect}
          view={a}
          rating={ratingA}
          better={preference === 'A'}
        />
        <View
          name="B"
          painter={painter}
          rect={rect}
          view={b}
          rating={ratingB}
          better={preference === 'B'}
        />
      </div>
      <p aria-live="polite">
        {preference === 'none' && 'Neither is better. '}
        {isComplete(study.now) ? 'Enter for the next case.' : missing(study)}
      </p>
    </div>
  );
}

function missing({ now }: StudySession): string {
  if (now.preference === null) return 'Which is better: A, B, or 0 for neither?';
  return now.ratingA === null ? 'Rate A: 1 (poor) to 5 (good).' : 'Rate B: 1 (poor) to 5 (good).';
}

function View(props: {
  name: 'A' | 'B';
  painter: EvidencePainter;
  rect: Rect;
  view: EvidenceView;
  rating: number | null;
  better: boolean;
}) {
  const { name, painter, rect, view, rating, better } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const px = Math.round(SIZE * window.devicePixelRatio);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const abort = new AbortController();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, px, px);
    // The viewer reports tiles that cannot be had; the view then stays empty.
    painter.paint(context, rect, px, view, abort.signal).catch(() => undefined);
    return () => abort.abort();
  }, [painter, rect, px, view]);
  return (
    <figure className={better ? 'better' : ''}>
      <canvas
        ref={canvas}
        width={px}
        height={px}
        role="img"
        aria-label={`View ${name} of the case`}
      />
      <figcaption className="row">
        <b>
          {name}
          {better && ' is better'}
        </b>
        <span>{rating === null ? 'not rated' : `${rating} of 5`}</span>
      </figcaption>
    </figure>
  );
}
