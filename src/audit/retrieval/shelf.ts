/**
 * The indices of slides that are searched, made field by field when first wanted and kept up with
 * them. A codebook belongs to an encoder; where it is learned anew, so are the indices.
 */
import { evenly } from '../../analysis/explain/ask.ts';
import type { FieldTokens } from '../../analysis/ledger.ts';
import { concat } from '../../core/arrays.ts';
import { throwIfAborted } from '../../core/errors.ts';
import type { Rect } from '../../core/geometry.ts';
import { nextTask } from '../../core/tasks.ts';
import { type Rows, unitRows } from '../rows.ts';
import { Codebook } from './codebook.ts';
import { TokenIndex, thinned } from './token-index.ts';

/** A slide whose fields can be searched. */
export interface SearchedSlide {
  /** What its fields are of: an index lives as long as this. */
  account: object;
  /** Where its results are kept, as the catalog lists them; null for the open slide. */
  path: string | null;
  slideId: string;
  slideName: string;
  /** um per level-0 px. */
  mpp: number;
  /** Fields there are now. */
  count: number;
  /** Level-0 px. */
  rectOf(field: number): Rect;
  /** Null where they are not kept. */
  tokensOf(field: number): Promise<FieldTokens | null>;
}

export type OnTaken = (done: number, total: number) => void;

/** Fields that a codebook is learned from at most, evenly over those there are; and tokens of each. */
const LEARN_FIELDS = 256;
const TOKENS_A_FIELD = 32;
/** A codebook learned from fewer fields is learned anew when there are this many times as many. */
const OUTGROWN = 4;
/** Fields taken in before a cancel is looked for and progress told. */
const FIELDS_A_TURN = 8;

export class Shelf {
  private learned: { tokens: string; book: Codebook; fields: number } | null = null;
  private readonly indices = new WeakMap<object, TokenIndex>();

  /**
   * The index of each slide, with every field there is now; `tokens` names the encoder's tokens.
   * Throws `cancelled`; what was taken in by then stays.
   */
  async indicesOf(
    slides: readonly SearchedSlide[],
    tokens: string,
    onTaken: OnTaken = () => undefined,
    signal?: AbortSignal,
  ): Promise<TokenIndex[]> {
    const book = await this.bookOf(slides, tokens, signal);
    const indices = slides.map(({ account }) => this.indexOf(account, book));
    const total = countOf(slides);
    let done = 0;
    for (const [i, slide] of slides.entries()) {
      const index = indices[i];
      while (index.count < slide.count) {
        const field = index.count;
        const found = await slide.tokensOf(field);
        // Another question may have taken it in meanwhile.
        if (index.count === field) index.add(found);
        if (index.count % FIELDS_A_TURN > 0) continue;
        onTaken(done + index.count, total);
        await nextTask();
        throwIfAborted(signal);
      }
      done += slide.count;
    }
    return indices;
  }

  private async bookOf(slides: readonly SearchedSlide[], tokens: string, signal?: AbortSignal) {
    const fields = Math.min(LEARN_FIELDS, countOf(slides));
    if (this.learned?.tokens !== tokens || fields >= OUTGROWN * this.learned.fields) {
      const { sample, of } = await sampleOf(slides, signal);
      this.learned = { tokens, fields: of, book: Codebook.learn(sample) };
    }
    return this.learned.book;
  }

  private indexOf(account: object, book: Codebook): TokenIndex {
    const known = this.indices.get(account);
    if (known?.codebook === book) return known;
    const fresh = new TokenIndex(book);
    this.indices.set(account, fresh);
    return fresh;
  }
}

function countOf(slides: readonly SearchedSlide[]): number {
  return slides.reduce((sum, { count }) => sum + count, 0);
}

/** Unit tokens to learn typical ones from, evenly of the fields there are, and of how many. */
async function sampleOf(
  slides: readonly SearchedSlide[],
  signal?: AbortSignal,
): Promise<{ sample: Rows; of: number }> {
  const fields = slides.flatMap((slide) =>
    Array.from({ length: slide.count }, (_, field) => ({ slide, field })),
  );
  const parts: Float32Array[] = [];
  let dim = 1;
  for (const { slide, field } of evenly(fields, LEARN_FIELDS)) {
    const tokens = await slide.tokensOf(field);
    throwIfAborted(signal);
    if (!tokens) continue;
    dim = tokens.classToken.length;
    parts.push(thinned(unitRows(tokens.patchTokens, dim), TOKENS_A_FIELD).rows);
  }
  const rows = concat(Float32Array, parts);
  return { sample: { count: rows.length / dim, dim, rows }, of: parts.length };
}
