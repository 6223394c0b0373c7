/** What the colours of the fields mean, for the screen and for pictures of the view. */
import { unfamiliarTissue } from '../../audit/abstain.ts';
import { cssGradient } from '../../core/colormap.ts';
import { formatSigned } from '../../core/units.ts';
import { caveatOf, readableName } from '../../molecular/prompt.ts';
import type { LayerLegend } from '../slide-canvas.ts';
import type { AppState } from '../state.ts';
import { domainOf } from './field-map.ts';
import type { Prompting } from './prompting.ts';
import type { Answered } from './state.ts';

/** Said beside how far a set held up, which was on tissue that the encoder knows. */
const UNKNOWN_TISSUE = 'no answer: unknown tissue';

/** All that must be said beside an answer over the fields of `score`. */
export function caveatsOf(
  score: AppState['score'],
  { prompt, library }: Pick<Answered, 'prompt' | 'library'>,
  answer: 'predictor' | 'knn',
): string[] {
  const unknown = score && unfamiliarTissue(score.unfamiliar) ? UNKNOWN_TISSUE : null;
  return [unknown, caveatOf(prompt, answer, library)].filter((caveat) => caveat !== null);
}

/** Null while no map is shown. */
export function promptLegend(
  { molecular: { map, a, b }, kit, score }: Pick<AppState, 'molecular' | 'kit' | 'score'>,
  shown: ReturnType<Prompting['shown']>,
): LayerLegend | null {
  if (!map || !a || !shown) return null;
  const differs = map === 'difference';
  const [low, high] = domainOf(shown.values, differs);
  const tick = (value: number) => formatSigned(value, differs ? 1 : 0);
  const name = readableName(a.prompt.set.name);
  const caveats = (differs && b ? [a, b] : [a]).flatMap((answered) =>
    caveatsOf(score, answered, map === 'knn' ? 'knn' : 'predictor'),
  );
  const what = differs
    ? 'predicted ssGSEA, SDs from each slide mean'
    : `predicted ssGSEA (${map === 'knn' ? 'soft-kNN' : 'predictor'}), ranks`;
  return {
    title: differs && b ? `${name} − ${readableName(b.prompt.set.name)}` : name,
    gradient: cssGradient(differs ? 'vik' : 'viridis'),
    ticks: [tick(low), tick((low + high) / 2), tick(high)],
    unit: `${what} · per field of ${Math.round(kit?.fieldUm ?? 0)} µm · ends: 2nd and 98th percentile · pale: far from the library`,
    notes: [...new Set(caveats)],
  };
}
