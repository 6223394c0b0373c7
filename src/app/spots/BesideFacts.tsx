import { formatSigned } from '../../core/units.ts';
import { caveatOf, readableName } from '../../molecular/prompt.ts';
import { type Role, roleOf } from '../../molecular/spatial/role.ts';
import { useApp } from '../state.ts';
import { setSpots } from './spots.ts';
import type { AnswerId, Compared, LoadedSpots } from './state.ts';
import {
  ANSWER_NAMES,
  intervalWords,
  ROLE_TITLES,
  rhoWords,
  roleWords,
  verdictOf,
} from './words.ts';

const ROLES: readonly Role[] = ['held-out', 'trained', 'library', 'unknown'];

/** What the comparison amounts to, who the patient is to the model, and what it rests on. */
export function BesideFacts(props: {
  loaded: LoadedSpots;
  compared: Compared;
  answer: AnswerId;
  total: number;
}) {
  const { loaded, compared, answer, total } = props;
  const alignment = useApp((s) => s.molecular.alignment);
  const said = useApp((s) => s.spots.role);
  const { prompt, agreement, listed } = compared;
  const told = agreement[answer];
  const other = answer === 'predictor' ? 'knn' : 'predictor';
  const role = said ?? (alignment ? roleOf(loaded.patient, alignment) : 'unknown');
  const own = alignment?.ownLibrary ?? null;
  const caveat = caveatOf(prompt, answer, own?.name ?? null);
  const inLibrary = own?.sources.some(({ name }) => name === loaded.name) ?? false;
  const left = total - told.spots;
  return (
    <div className="beside-facts">
      <section aria-label="Agreement">
        <p className="beside-rho">
          Spearman ρ <b>{told.rho === null ? '–' : formatSigned(told.rho)}</b>
          <span className="small">{intervalWords(told)}</span>
        </p>
        <p className="small">
          {told.spots.toLocaleString('en')} spots in {told.blocks} blocks of 800 µm.{' '}
          {verdictOf(told)}
        </p>
        <p className="small">
          Given depth (molecules of a spot regressed out): {rhoWords(told.givenDepth)}.
        </p>
        <p className="quiet small">
          {ANSWER_NAMES[other]}: ρ {rhoWords(agreement[other])}.
        </p>
      </section>
      <section aria-label="Patient">
        <div className={`beside-role ${role}`}>
          <b>{ROLE_TITLES[role]}</b>
          <span>{roleWords(role, loaded.patient)}</span>
        </div>
        <label className="small">
          The patient of this section
          <select
            value={said ?? ''}
            onChange={(event) => setSpots({ role: (event.target.value || null) as Role | null })}
          >
            <option value="">
              {loaded.patient
                ? `as its name says: patient ${loaded.patient}`
                : 'not told by its name'}
            </option>
            {ROLES.map((id) => (
              <option key={id} value={id}>
                {ROLE_TITLES[id]}
              </option>
            ))}
          </select>
        </label>
      </section>
      <section aria-label="What it rests on" className="small">
        <p>
          <b>{readableName(prompt.set.name)}</b>: {prompt.match.places.length} of{' '}
          {prompt.match.asked} genes are scored. The counts list {listed.toLocaleString('en')} genes
          of the model, {Math.round(loaded.depth).toLocaleString('en')} molecules a spot at the
          median.
        </p>
        {caveat && <p className="beside-caveat">{caveat}.</p>}
        {inLibrary && (
          <p className="beside-caveat">
            {loaded.name} is in the library of your own: soft-kNN answers from its own counts.
          </p>
        )}
        <p className="quiet">
          {left > 0 && `${left} spots whose field reaches beyond the slide are left out. `}
          Measured scores follow depth, which dense tissue raises: what is left given depth counts.
          Predicted, research use only.
        </p>
      </section>
    </div>
  );
}
