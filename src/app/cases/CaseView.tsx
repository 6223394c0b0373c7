import { useState } from 'react';
import { useCommands } from '../context.ts';
import { ConfirmButton } from '../look/ConfirmButton.tsx';
import { maskedCase } from '../names.ts';
import { useApp } from '../state.ts';
import { SearchField } from './SearchField.tsx';
import { SlideList } from './SlideList.tsx';

/** The slides of one case, or those at hand, with search; notes of the case folded away. */
export function CaseView() {
  const name = useApp((s) => s.currentCase);
  const masked = useApp((s) => s.namesMasked);
  const number = useApp((s) => s.cases.find((of) => of.name === s.currentCase)?.number ?? 0);
  const [query, setQuery] = useState('');
  const shown = name === null ? 'Slides at hand' : masked ? maskedCase(number) : name;
  return (
    <section className="rail-part" aria-labelledby="case-title">
      <h2 id="case-title" className="case-title">
        {shown}
      </h2>
      <SearchField label="Search slides" value={query} onChange={setQuery} />
      <SlideList query={query} narrow={false} />
      {name !== null && <CaseDetails key={name} name={name} shown={shown} />}
    </section>
  );
}

function CaseDetails({ name, shown }: { name: string; shown: string }) {
  const commands = useCommands();
  const notes = useApp((s) => s.caseNotes);
  const slides = useApp((s) => s.caseSlides);
  const reviewed = slides.filter((slide) => slide.reviewed !== null).length;
  const all = reviewed === slides.length;
  return (
    <details className="case-details">
      <summary>
        {reviewed} of {slides.length} reviewed · notes
      </summary>
      <label>
        <span className="quiet small">Notes on this case</span>
        <textarea
          className="field"
          rows={3}
          maxLength={20_000}
          defaultValue={notes}
          onBlur={(event) => void commands?.cases.setNotes(name, event.target.value)}
        />
      </label>
      <div className="rail-links">
        <button
          type="button"
          className="link small"
          onClick={() => void commands?.cases.markAll(name, !all)}
        >
          {all ? 'Mark none as reviewed' : 'Mark all as reviewed'}
        </button>
        <button
          type="button"
          className="link small"
          onClick={() => void commands?.cases.saveShown(name)}
        >
          Save case as a list
        </button>
        <ConfirmButton
          className="link small"
          ask={`Forget ${shown}, its marks and notes? Files and bookmarks stay.`}
          yes="Forget"
          onConfirm={() => void commands?.cases.remove(name)}
        >
          Forget this case
        </ConfirmButton>
      </div>
    </details>
  );
}
