/**
 * Regions like a region: what page and worker say to each other. similar-regions.worker.ts answers,
 * retrieval/ holds how.
 */
import type { Rect } from '../core/geometry.ts';
import type { Call } from '../core/rpc.ts';
import type { Rings } from './retrieval/query.ts';

export type { Rings } from './retrieval/query.ts';

/** A field that is like the region. */
export interface SimilarRegion {
  /** Where its results are kept, as the catalog lists them; null for the open slide. */
  path: string | null;
  slideId: string;
  slideName: string;
  /** um per level-0 px of its slide. */
  mpp: number;
  /** Level-0 px of its slide. */
  rect: Rect;
  /** MaxSim over the number of query tokens, and cosine of class tokens: -1 to 1. */
  maxSim: number;
  cosine: number;
  /** Which of its tokens (row by row) answers each query token, and their cosine. */
  token: Int32Array;
  similarity: Float32Array;
}

export interface SimilarRegions {
  query: {
    /** The box around the region, level-0 px. */
    rect: Rect;
    /** Middles of the query tokens (x0, y0, ...), and the side of one, level-0 px. */
    middles: Float64Array<ArrayBuffer>;
    tokenSide: number;
    /** Tokens in the region, and fields they are of. */
    inside: number;
    fields: number;
  };
  /** Tokens of a field: columns and rows. */
  grid: { cols: number; rows: number };
  /** The best first, by MaxSim over tokens and by the cosine of class tokens. */
  byTokens: SimilarRegion[];
  byClassToken: SimilarRegion[];
  /** Regions in both lists. */
  shared: number;
  /** Rank correlation of the two over all fields searched, MaxSim estimated; null for too few. */
  spearman: number | null;
  /** Fields and slides searched; fields compared exactly. */
  searched: number;
  slides: number;
  compared: number;
  /** Time of the search, without reading tokens in for the first time, ms. */
  ms: number;
}

/** Where to look: the fields analysed on the open slide, or those kept of all other slides. */
export type SearchScope = 'slide' | 'library';

/** Fields taken in, of those to search. */
export interface SearchProgress {
  done: number;
  total: number;
}

export interface SimilarRegionsApi {
  /** Take in the fields analysed so far, so that the first question is answered at once. */
  takeInFields: Call<null, null>;
  /**
   * The `count` fields most like a region of the open slide; fields that meet the box around it are
   * left out. Throws `no-tissue` where nothing in it is analysed, `cancelled`.
   */
  similarRegions: Call<
    { rings: Rings; count: number; scope: SearchScope },
    SimilarRegions,
    SearchProgress
  >;
}
