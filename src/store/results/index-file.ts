/**
 * index.json of a results folder: what was analysed, with what, and how to read the other files.
 * docs/results-format.md describes every member.
 */
import { unzlibSync, zlibSync } from 'fflate';
import { z } from 'zod';
import { CytolensError } from '../../core/errors.ts';
import type { Bytes } from '../../slide/bytes.ts';
import { CELL_COLUMNS, EVIDENCE_COLUMNS, TOKEN_COLUMNS } from './layout.ts';
import { seal, unseal } from './seal.ts';

const FORMAT = 'cytolens-results';
const VERSION = 1;
const COLUMNS = { cells: CELL_COLUMNS, evidence: EVIDENCE_COLUMNS, tokens: TOKEN_COLUMNS };

const count = z.number().int().min(0);
const positive = z.number().positive();

/** More members are kept as they are: what else is known of a model belongs to its provenance. */
const model = z.looseObject({
  role: z.string(),
  id: z.string(),
  version: z.string(),
  sha256: z.string(),
  provider: z.string(),
  dtype: z.string(),
});

const head = z.looseObject({
  id: z.string(),
  variant: z.string(),
  sha256: z.string(),
  /** The head's other variant, whose logit is kept beside its own; null when there is none. */
  partnerSha256: z.string().nullable(),
});

const described = z.object({
  /** ISO 8601. */
  created: z.string(),
  state: z.enum(['running', 'done']),
  slide: z.object({
    id: z.string(),
    name: z.string(),
    width: positive,
    height: positive,
    /** um per level-0 px. */
    mpp: positive,
  }),
  models: z.array(model),
  /** Heads that answered so far; a line of fields.jsonl names one by its place in this list. */
  heads: z.array(head).min(1),
  tokens: z.object({ layout: z.string(), dim: count, grid: z.tuple([count, count]) }),
  /** Names of cell types. */
  types: z.array(z.string()),
  /** Side of a field in um and in level-0 px. */
  field: z.object({ sideUm: positive, side: positive }),
  /** Level-0 px that one step of a radius byte stands for. */
  radiusUnit: positive,
  /** Fields to analyse, in order: int32 pairs col, row; zlib, then base64. */
  plan: z.object({ total: count, places: z.string() }),
  /** Squares of `size` level-0 px from the slide's origin, a byte each; zlib, then base64. */
  mask: z.object({ cols: count, rows: count, size: positive, kinds: z.string() }).nullable(),
});

export type ResultIndex = z.infer<typeof described>;
export type ResultHead = z.infer<typeof head>;

/** A place on the grid of fields, which starts at the slide's origin. */
export interface Place {
  col: number;
  row: number;
}

/** Where tissue was found or painted: `kinds` holds a byte a square, row by row. */
export interface StoredMask {
  cols: number;
  rows: number;
  /** Side of a square, level-0 px. */
  size: number;
  kinds: Uint8Array;
}

/** The text of index.json. */
export function formatIndex(index: ResultIndex): string {
  return seal({ format: FORMAT, version: VERSION, columns: COLUMNS, ...index });
}

/**
 * Read index.json. Throws `unsupported` for a version this Cytolens does not know, and `format`
 * for what is no such file or is not whole.
 */
export function parseIndex(text: string): ResultIndex {
  const sealed = unseal(text.trimEnd());
  const stated = z.object({ format: z.literal(FORMAT), version: z.number() });
  const name = stated.safeParse(sealed?.value);
  if (!sealed || !name.success) throw broken('not the text of an index.json');
  if (name.data.version !== VERSION) {
    throw new CytolensError(
      'unsupported',
      'These results were written by another version of Cytolens, which this one cannot read. Open them with the version that wrote them, or analyse the slide again.',
      `version ${name.data.version}, known is ${VERSION}`,
    );
  }
  if (!sealed.holds()) throw broken('the checksum differs');
  const result = described.safeParse(sealed.value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw broken(`${issue.path.join('.')}: ${issue.message}`);
}

/** A plan as index.json holds it. */
export function formatPlan(places: readonly Place[]): ResultIndex['plan'] {
  const flat = Int32Array.from(places.flatMap(({ col, row }) => [col, row]));
  return { total: places.length, places: pack(new Uint8Array(flat.buffer)) };
}

/** The fields of the plan in order. Throws `format`. */
export function planOf(index: ResultIndex): Place[] {
  const { total, places } = index.plan;
  const flat = new Int32Array(unpack(places, total * 8).buffer);
  return Array.from({ length: total }, (_, i) => ({ col: flat[2 * i], row: flat[2 * i + 1] }));
}

/** A tissue mask as index.json holds it. */
export function formatMask({ cols, rows, size, kinds }: StoredMask): ResultIndex['mask'] {
  return { cols, rows, size, kinds: pack(kinds) };
}

/** The tissue mask; null when none was kept. Throws `format`. */
export function maskOf({ mask }: ResultIndex): (StoredMask & { kinds: Bytes }) | null {
  return mask && { ...mask, kinds: unpack(mask.kinds, mask.cols * mask.rows) };
}

function pack(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of zlibSync(bytes)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function unpack(text: string, size: number): Bytes {
  try {
    const bytes = unzlibSync(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))).slice();
    if (bytes.length === size) return bytes;
  } catch {
    // Not base64, or not zlib: said below.
  }
  throw broken(`a packed array is not ${size} bytes`);
}

function broken(detail: string): CytolensError {
  return new CytolensError(
    'format',
    'These results cannot be read: their index.json is damaged or belongs to something else. Remove them and analyse the slide again, or take another copy.',
    detail,
  );
}
