import { LEAST_STAINED } from '../../analysis/missed.ts';
import { MANY_MISSED, MISSED_LABEL, missedNuclei } from '../../audit/nuclei-check.ts';
import {
  LEAST_CELLS,
  medianDiameter,
  NUCLEUS_UM,
  scaleDoubt,
  scaleVerdict,
} from '../../audit/scale-check.ts';
import { MOST_BROWN } from '../../audit/stain-check.ts';
import { formatPercent } from '../../core/units.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

/** Stain, scale and focus: is this a slide of the kind the models learned from? */
export function SlideChecks() {
  const commands = useCommands();
  const slide = useApp((s) => s.slide);
  const stain = useApp((s) => s.stain);
  const run = useApp((s) => s.run);
  const score = useApp((s) => (s.imported ? null : s.score));
  const pen = useApp((s) => s.tissue?.pen ?? null);
  const needed = useApp((s) => s.kit?.encoderMpp ?? null);
  // A new median when cells have come or gone.
  const cells = useApp((s) => (s.imported ? 0 : s.cells));
  if (!slide) return null;
  const diameter = commands && cells > 0 ? medianDiameter(commands.bench.cells) : null;
  const scale = needed === null ? null : scaleDoubt(slide.mpp, needed, diameter);
  const verdict = scaleVerdict(scale, diameter);
  const none = run.phase === 'idle';
  const share = score?.missed ?? null;
  const weakened = score?.weakened ?? null;
  const missed = missedNuclei(share);
  return (
    <section aria-label="Checks of the slide">
      <h2>This slide</h2>
      <dl className="verdicts under">
        <dt>Stain</dt>
        <dd>{stain ? (stain.looksImmuno ? 'not H&E?' : 'H&E plausible') : 'not known'}</dd>
        {stain?.looksImmuno && (
          <dd className="quiet warn">
            {formatPercent(stain.brown)} of the stained area is brown: this looks like
            immunohistochemistry. The models know haematoxylin and eosin alone.
          </dd>
        )}
        <dt>Scale</dt>
        <dd data-testid="scale" className={scale ? 'warn' : ''}>
          {verdict}
        </dd>
        {scale && <dd className="quiet warn">{scale}</dd>}
        {score && verdict === 'not known' && (
          <dd className="quiet warn">
            Too few nuclei were found to tell whether the slide’s scale is right.
          </dd>
        )}
        <dt>Nuclei found, median across</dt>
        <dd>{sizeInWords(diameter, score !== null)}</dd>
        <dt>{MISSED_LABEL}</dt>
        <dd data-testid="missed" className={missed ? 'warn' : ''}>
          {share !== null ? formatPercent(share) : score ? 'not known' : '–'}
        </dd>
        {missed && <dd className="quiet warn">{missed}</dd>}
        <dt>Fields with strong stain, weakened for the segmenter</dt>
        <dd data-testid="weakened">{weakened ?? (score ? 'not known' : '–')}</dd>
        <dt>Fields out of focus, left out</dt>
        <dd>{none ? '–' : run.blurred.toLocaleString('en')}</dd>
        <dt>Fields without tissue, left out</dt>
        <dd>{none ? '–' : run.skipped.toLocaleString('en')}</dd>
        {pen !== null && (
          <>
            <dt>Pen, of tissue and pen</dt>
            <dd>{(100 * pen).toFixed(1)} %</dd>
          </>
        )}
      </dl>
      <p className="faint small under">
        Stain: share of stained pixels that are brown, at most {formatPercent(MOST_BROWN)}. Scale:
        median nuclei of {NUCLEUS_UM.join(' to ')} µm, of {LEAST_CELLS} or more. Stained like
        nuclei: takes as much red light as haematoxylin and is 3 µm wide or more; outlines count as
        1 µm larger; at most {formatPercent(MANY_MISSED)} outside. Not known below {LEAST_STAINED}{' '}
        µm² of it, and in results kept before 0.5.0. Strong stain: nuclei darker than the segmenter
        was trained on; they are shown to it paler, to the encoder as they are. Folds are not looked
        for.
      </p>
    </section>
  );
}

function sizeInWords(diameter: number | null, analysed: boolean): string {
  if (diameter !== null) return `${diameter.toFixed(1)} µm`;
  return analysed ? `fewer than ${LEAST_CELLS}` : '–';
}
