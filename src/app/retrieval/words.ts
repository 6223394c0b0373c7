/** What the search for similar regions says in words. */
import type { SimilarRegion, SimilarRegions } from '../../audit/similar-regions.ts';
import { openName } from '../names.ts';
import { getState } from '../state.ts';

/** The slide of an answer as it may be named: while names are masked, by its place among what is kept. */
export function answerName({ path, slideName }: Pick<SimilarRegion, 'path' | 'slideName'>): string {
  const { namesMasked, kept } = getState();
  if (path === null) return openName();
  if (!namesMasked) return slideName;
  const at = kept?.list.findIndex((result) => result.path === path) ?? -1;
  return at >= 0 ? `Result ${at + 1}` : 'Another slide';
}

/** What was looked through: fields that are not analysed are never found. */
export function amongText({
  searched,
  slides,
}: Pick<SimilarRegions, 'searched' | 'slides'>): string {
  const on = slides > 1 ? ` of ${slides} slides` : '';
  return `among ${count(searched)} analysed ${searched === 1 ? 'field' : 'fields'}${on}`;
}

/** Where an answer lies on its slide, from the upper left corner, mm. */
export function placeText({ rect, mpp }: Pick<SimilarRegion, 'rect' | 'mpp'>): string {
  const mm = (px: number) => ((px * mpp) / 1000).toFixed(2);
  return `x ${mm(rect.x + rect.w / 2)} mm, y ${mm(rect.y + rect.h / 2)} mm`;
}

type Agreement = Pick<SimilarRegions, 'shared' | 'spearman' | 'searched'>;

/** How far two lists of `listed` answers agree, beside what chance would give. */
export function agreementText(listed: number, { shared, spearman, searched }: Agreement): string {
  const chance = (listed * listed) / searched;
  const rho =
    spearman === null
      ? ''
      : `, rank correlation ${spearman.toFixed(2)} over ${count(searched)} fields`;
  const verdict = verdictOf(shared / listed, chance / listed);
  return `${verdict}: ${shared} of ${listed} in both (by chance ${chance.toFixed(1)})${rho}.`;
}

/** Shares of the list: what both have, and what chance would give. */
function verdictOf(share: number, chance: number): string {
  if (chance > 0.5) return 'Too few fields to tell whether the two agree';
  if (share >= 0.7) return 'The two agree';
  return share >= 0.4 ? 'The two agree in part' : 'The two disagree';
}

/** What was asked with, and how much was compared. */
export function searchText({ query, searched, compared, ms }: SimilarRegions): string {
  const tokens = query.middles.length / 2;
  const used =
    tokens < query.inside
      ? `${count(tokens)} of ${count(query.inside)} tokens, evenly taken`
      : `${count(tokens)} tokens`;
  return `Asked with ${used}; ${count(compared)} of ${count(searched)} fields compared exactly, ${Math.round(ms)} ms.`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
