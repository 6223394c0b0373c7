import { MOST_UNFAMILIAR } from '../../audit/abstain.ts';
import { formatPercent } from '../../core/units.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { hatchWanted, LABELLED_PX } from './unfamiliar.ts';

/** How many fields resemble tissue the encoder knows, and where the others are. */
export function KnownTissue() {
  const commands = useCommands();
  const familiar = useApp((s) => s.familiar);
  const shown = useApp(hatchWanted);
  const bank = useApp((s) => s.kit?.bank);
  if (!bank) {
    return (
      <section aria-label="Known tissue">
        <h2>Known tissue</h2>
        <p className="small quiet under">
          This encoder has no bank of known tissue, so unfamiliar fields cannot be told.
        </p>
      </section>
    );
  }
  const count = familiar?.unfamiliar ?? 0;
  return (
    <section aria-label="Known tissue">
      <h2>Known tissue</h2>
      {familiar && (
        <dl className="verdicts under">
          <dt>Unlike known tissue</dt>
          <dd data-testid="unfamiliar">
            {count.toLocaleString('en')} of {familiar.fields.toLocaleString('en')} fields
          </dd>
          <dt>Median percentile of the fields’ distance</dt>
          <dd>{familiar.median.toFixed(0)} of 100</dd>
        </dl>
      )}
      <label className="check">
        <input
          type="checkbox"
          checked={shown}
          onChange={(event) => commands?.trusting.showUnfamiliar(event.target.checked)}
        />
        Hatch them on the slide
      </label>
      <p className="faint small">
        Hatched close up (a field {LABELLED_PX} px or more on screen), every field shows its
        percentile in its corner: P100 is as far from known tissue as held-out tissue ever was, or
        further.
      </p>
      <p className="faint small under">
        Distance of a field’s class token to its nearest known ones, ranked among held-out tissue of{' '}
        {bank.on}. Beyond {bank.threshold.toFixed(3)} a field is unlike all of it. Above{' '}
        {formatPercent(MOST_UNFAMILIAR)} of such fields there is no answer.
      </p>
    </section>
  );
}
