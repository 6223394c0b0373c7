import { X } from 'lucide-react';
import type { SearchScope, SimilarRegion, SimilarRegions } from '../../audit/similar-regions.ts';
import { useCommands } from '../context.ts';
import { shownName } from '../names.ts';
import { useApp } from '../state.ts';
import { MatchPicture } from './MatchPicture.tsx';
import { SlideCrop } from './SlideCrop.tsx';
import { type AnswerList, type SimilarSearch, shownAnswer } from './state.ts';
import { agreementText, amongText, answerName, placeText, searchText } from './words.ts';

/** CSS px. */
const CROP = 54;

const LISTS: { list: AnswerList; title: string; tip: string }[] = [
  {
    list: 'byTokens',
    title: 'Part by part',
    tip: 'MaxSim: for every 8 µm token of the region its best cosine in the field, averaged (1 at most)',
  },
  {
    list: 'byClassToken',
    title: 'As a whole',
    tip: 'Cosine of one vector a field, the class token (1 at most)',
  },
];

/** Regions like a region, under the slide. */
export function SimilarDrawer() {
  const similar = useApp((s) => s.similar);
  const hidden = useApp((s) => s.presenting || s.panelsHidden);
  if (!similar || hidden) return null;
  return (
    <section className="similar" aria-label="Similar regions">
      <Head similar={similar} />
      <div aria-live="polite">
        {similar.busy && <Busy {...similar.busy} />}
        {similar.problem && <p className="quiet">{similar.problem}</p>}
      </div>
      {similar.found && <Found similar={similar} found={similar.found} />}
    </section>
  );
}

function Head({ similar: { title, slide, scope, found } }: { similar: SimilarSearch }) {
  const finding = useCommands()?.finding;
  const here = useApp((s) => s.slide?.info.id === slide.info.id);
  const name = useApp((s) => shownName(slide, s));
  const choice = (value: SearchScope, text: string) => (
    <button
      type="button"
      className="btn line small"
      aria-pressed={scope === value}
      onClick={() => void finding?.setScope(value)}
    >
      {text}
    </button>
  );
  return (
    <div className="row">
      <h2>
        Fields like{' '}
        <button type="button" className="link" onClick={() => void finding?.flyBack()}>
          {here ? title : `${title} of ${name}`}
        </button>{' '}
        {found && <span className="quiet">{amongText(found)}</span>}
      </h2>
      <div className="row gap">
        {choice('slide', here ? 'This slide' : 'Its own slide')}
        {choice('library', 'Other slides kept here')}
        <button
          type="button"
          className="btn icon"
          aria-label="Close similar regions"
          onClick={() => finding?.close()}
        >
          <X size={16} aria-hidden="true" />
        </button>
      </div>
    </div>
  );
}

function Busy({ done, total }: { done: number; total: number }) {
  const finding = useCommands()?.finding;
  return (
    <p className="quiet small">
      {total > 0
        ? `Taking fields in: ${done.toLocaleString('en')} of ${total.toLocaleString('en')}`
        : 'Searching'}{' '}
      <button type="button" className="link" onClick={() => finding?.cancel()}>
        Cancel
      </button>
    </p>
  );
}

function Found({ similar, found }: { similar: SimilarSearch; found: SimilarRegions }) {
  const answer = shownAnswer(similar);
  if (!answer) {
    return (
      <p className="quiet">
        There is no other field to compare with: all that is analysed here meets the region. Analyse
        more of the slide.
      </p>
    );
  }
  return (
    <div className="similar-found">
      <MatchPicture
        found={found}
        rings={similar.rings}
        slideId={similar.slide.info.id}
        answer={answer}
      />
      <div className="similar-lists">
        {LISTS.map((row) => (
          <AnswerRow key={row.list} {...row} answers={found[row.list]} shown={similar.shown} />
        ))}
      </div>
      <p className="similar-words small">
        <b data-testid="agreement">{agreementText(found.byTokens.length, found)}</b>{' '}
        <span className="faint">
          {searchText(found)} Only analysed fields are searched; those that meet the region and
          those out of focus are left out. Alike to the encoder, which is not the same as the same
          diagnosis.
        </span>
      </p>
    </div>
  );
}

interface AnswerRowProps {
  list: AnswerList;
  title: string;
  tip: string;
  answers: SimilarRegion[];
  shown: SimilarSearch['shown'];
}

function AnswerRow({ list, title, tip, answers, shown }: AnswerRowProps) {
  const finding = useCommands()?.finding;
  return (
    <div className="similar-row">
      <h3 title={tip}>{title}</h3>
      <ol data-testid={list}>
        {answers.map((answer, at) => {
          const score = (list === 'byTokens' ? answer.maxSim : answer.cosine).toFixed(3);
          const where = `${answerName(answer)}, ${placeText(answer)}`;
          return (
            <li key={`${answer.slideId} ${answer.rect.x} ${answer.rect.y}`}>
              <button
                type="button"
                aria-current={shown.list === list && shown.at === at}
                aria-label={`Field ${at + 1}, score ${score}, ${where}: show it`}
                title={where}
                onPointerEnter={() => finding?.show({ list, at })}
                onFocus={() => finding?.show({ list, at })}
                onClick={() => void finding?.flyTo(answer)}
              >
                <SlideCrop slideId={answer.slideId} rect={answer.rect} size={CROP} />
              </button>
              <span className="small quiet">{score}</span>
              {answer.path !== null && (
                <span className="similar-slide faint small">{answerName(answer)}</span>
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
