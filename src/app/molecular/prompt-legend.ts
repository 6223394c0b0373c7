/** What the colours of the fields mean, for the screen and for pictures of the view. */
import { unfamiliarTissue } from '../../audit/abstain.ts';
import { cssGradient } from '../../core/colormap.ts';
import { formatSigned } from '../../core/units.ts';
import { caveatOf, readableName } from '../../molecular/prompt.ts';
import type { LayerLegend } from '../slide-canvas.ts';
import type { AppState } from '../state.ts';
import { domainOf } from './field-map.ts';
import type { Prompting } from './prompting.ts';

/** Said in the place of how far a set held up, which was on tissue that the encoder knows. */
export const UNKNOWN_TISSUE = 'no answer: unknown tissue';

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
  const caveats = (differs && b ? [a, b] : [a])
    .map(({ prompt, library }) => caveatOf(prompt, map === 'knn' ? 'knn' : 'predictor', library))
    .filter((caveat) => caveat !== null);
  if (score && unfamiliarTissue(score.unfamiliar)) caveats.unshift(UNKNOWN_TISSUE);
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
