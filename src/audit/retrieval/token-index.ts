/**
 * What is kept in memory of the fields of a slide so that those like a region are found among very
 * many: the class token, and which typical tokens occur. About 1 kB a field of the built-in
 * encoder, whose tokens themselves are 75 kB.
 */
import type { FieldTokens } from '../../analysis/ledger.ts';
import { products } from '../kernel/products.ts';
import { type Rows, unitRows } from '../rows.ts';
import type { Codebook } from './codebook.ts';

interface Indexed {
  /** Unit class token, [dim]. */
  classToken: Float32Array;
  codes: Uint16Array;
}

/** One a field; NaN where the tokens of a field are not kept. */
export interface Estimates {
  /** Of class tokens: exact. */
  cosine: Float32Array;
  /** MaxSim a query token, with typical tokens in the place of the field's own. */
  maxSim: Float32Array;
}

/** Of a region: its unit class token, and its unit tokens. */
export interface QueryVectors {
  classToken: Float32Array;
  tokens: Rows;
}

/** Query tokens that estimates are made of: more of them rank no better. */
const ESTIMATE_TOKENS = 64;

export class TokenIndex {
  private readonly fields: (Indexed | null)[] = [];

  constructor(readonly codebook: Codebook) {}

  /** Fields taken in. */
  get count(): number {
    return this.fields.length;
  }

  /** Append a field; null where its tokens are not kept. */
  add(tokens: FieldTokens | null): void {
    const dim = tokens?.classToken.length ?? 0;
    this.fields.push(
      tokens && {
        classToken: unitRows(tokens.classToken, dim).rows,
        codes: this.codebook.codesOf(unitRows(tokens.patchTokens, dim)),
      },
    );
  }

  /** How like each field is to a region, roughly. */
  estimate({ classToken, tokens }: QueryVectors): Estimates {
    const query = thinned(tokens, ESTIMATE_TOKENS);
    const dots = products(this.codebook.typical, query);
    const cosine = new Float32Array(this.count).fill(Number.NaN);
    const maxSim = new Float32Array(this.count).fill(Number.NaN);
    this.fields.forEach((field, i) => {
      if (!field) return;
      maxSim[i] = sumOfLargest(dots, query.count, field.codes) / query.count;
      let dot = 0;
      for (let d = 0; d < classToken.length; d++) dot += classToken[d] * field.classToken[d];
      cosine[i] = dot;
    });
    return { cosine, maxSim };
  }
}

/** The sum over columns of the largest value in these rows of a table; four columns at a time. */
function sumOfLargest(table: Float32Array, columns: number, rows: Uint16Array): number {
  let sum = 0;
  const fours = columns - (columns % 4);
  for (let column = 0; column < fours; column += 4) {
    let [p, q, r, s] = [-1, -1, -1, -1];
    for (let i = 0; i < rows.length; i++) {
      const at = rows[i] * columns + column;
      p = Math.max(p, table[at]);
      q = Math.max(q, table[at + 1]);
      r = Math.max(r, table[at + 2]);
      s = Math.max(s, table[at + 3]);
    }
    sum += p + q + r + s;
  }
  for (let column = fours; column < columns; column++) {
    let most = -1;
    for (let i = 0; i < rows.length; i++) most = Math.max(most, table[rows[i] * columns + column]);
    sum += most;
  }
  return sum;
}

/** At most `most` of the tokens, evenly spaced, in their order. */
export function thinned(tokens: Rows, most: number): Rows {
  const { count, dim, rows } = tokens;
  if (count <= most) return tokens;
  const chosen = new Float32Array(most * dim);
  for (let i = 0; i < most; i++) {
    const from = Math.floor((i * count) / most) * dim;
    chosen.set(rows.subarray(from, from + dim), i * dim);
  }
  return { count: most, dim, rows: chosen };
}
