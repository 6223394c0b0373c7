/** The worker's side of similar-regions.ts. */
import { gridRect } from '../analysis/explain/similar.ts';
import type { TokenSource } from '../analysis/heads.ts';
import type { Ledger } from '../analysis/ledger.ts';
import { CytolensError } from '../core/errors.ts';
import { extentOf } from '../core/geometry.ts';
import { type Handlers, Transfer } from '../core/rpc.ts';
import type { Kit } from '../model/kit.ts';
import type { Slide } from '../slide/slide.ts';
import { overlaps, regionQuery, tissueIn } from './retrieval/query.ts';
import { type SearchedSlide, Shelf } from './retrieval/shelf.ts';
import { type Answer, findSimilar, SHORTLIST } from './retrieval/two-stage.ts';
import type { SimilarRegion, SimilarRegions, SimilarRegionsApi } from './similar-regions.ts';

/** What is analysed, and the side of a field in level-0 px. */
interface Analysed {
  ledger: Ledger;
  kit: Kit;
  side: number;
  source: TokenSource;
}

export interface SimilarRegionsAccess {
  /** Of the open slide; null before anything is analysed. */
  analysed(): Analysed | null;
  slide(): Slide;
  /** What is kept of other slides by the same encoder. Throws `unsupported` without storage. */
  others(kit: Kit, signal: AbortSignal): Promise<SearchedSlide[]>;
}

export function similarRegionsCalls(access: SimilarRegionsAccess): Handlers<SimilarRegionsApi> {
  const shelf = new Shelf();

  return {
    async takeInFields(_, { signal }) {
      const analysed = access.analysed();
      if (!analysed) return null;
      const { tokens } = analysed.kit.encoder.manifest.encoder;
      await shelf.indicesOf([openSlide(analysed, access.slide())], tokens, undefined, signal);
      return null;
    },

    async similarRegions({ rings, count, scope }, { signal, progress }) {
      const analysed = access.analysed();
      if (!analysed) {
        throw new CytolensError('no-tissue', 'Nothing is analysed yet. Analyse a view first.');
      }
      const { ledger, kit, source } = analysed;
      const { side } = ledger.fields[0].grid;
      const shows = await tissueIn(access.slide(), extentOf(...rings), side, signal);
      const query = await regionQuery(ledger, source, rings, shows, signal);
      const here = scope === 'slide' ? openSlide(analysed, access.slide()) : null;
      const slides = here ? [here] : await access.others(kit, signal);
      if (slides.length === 0) throw noOthers();
      const { tokens: layout, grid } = kit.encoder.manifest.encoder;
      const taken = (done: number, total: number) => progress({ done, total });
      const indices = await shelf.indicesOf(slides, layout, taken, signal);
      const start = performance.now();
      const { byTokens, byClassToken, ...found } = await findSimilar(
        query,
        slides.map((slide, i) => ({
          index: indices[i],
          tokensOf: (field) => slide.tokensOf(field),
          allowed: (field) => slide !== here || !overlaps(slide.rectOf(field), query.rect),
        })),
        count,
        SHORTLIST,
        signal,
      );
      const ms = performance.now() - start;
      const { rect, middles, tokenSide, inside, fields } = query;
      const told = (answers: readonly Answer[]) => answers.map((a) => regionOf(slides[a.of], a));
      return new Transfer<SimilarRegions>(
        {
          query: { rect, middles, tokenSide, inside, fields },
          grid: { cols: grid[1], rows: grid[0] },
          byTokens: told(byTokens),
          byClassToken: told(byClassToken),
          ...found,
          slides: slides.length,
          ms,
        },
        [middles.buffer],
      );
    },
  };
}

function openSlide({ ledger, kit, side, source }: Analysed, { info }: Slide): SearchedSlide {
  const { px, mpp } = kit.encoder.manifest.input;
  return {
    account: ledger,
    path: null,
    slideId: info.id,
    slideName: info.name,
    mpp: (px * mpp) / side,
    count: ledger.fields.length,
    rectOf: (field) => gridRect(ledger.fields[field].grid),
    tokensOf: (field) => source(ledger.fields[field]),
  };
}

function regionOf(slide: SearchedSlide, { field, maxSim, cosine, matched }: Answer): SimilarRegion {
  const { path, slideId, slideName, mpp } = slide;
  const rect = slide.rectOf(field);
  return { path, slideId, slideName, mpp, rect, maxSim, cosine, ...matched };
}

function noOthers(): CytolensError {
  return new CytolensError(
    'no-tissue',
    'No other analysed slide is kept on this machine by this encoder. Analyse a whole slide first: its results are kept.',
  );
}
