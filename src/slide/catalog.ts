/**
 * Lists of slides: `catalog.json` beside slides in a folder, and the built-in list of public
 * slides on the web (`web-slides.json`). Both have the same rows.
 */
import { z } from 'zod';
import { CytolensError } from '../core/errors.ts';
import type { CatalogFacts, SlideSource } from './slide.ts';

/** A name from a stranger's file is shown and stored, never more; this is room enough. */
const text = z.string().trim().min(1).max(300);
/** um per level-0 px. */
const mpp = z.number().positive().max(100);
const size = z.number().int().positive();

const entrySchema = z
  .object({
    /** Path of the slide, relative to the catalog. */
    file: text.max(1000).optional(),
    /** Absolute address of the slide, in place of `file`. */
    url: z.url({ protocol: /^https?$/ }).optional(),
    name: text.optional(),
    stain: text.optional(),
    mpp: mpp.nullish(),
    objective: z.number().positive().max(400).nullish(),
    scanner: text.optional(),
    width: size.optional(),
    height: size.optional(),
    source: text.optional(),
    licence: text.optional(),
    /** Rows of the same case belong together. */
    case: text.optional(),
  })
  .refine((entry) => (entry.file === undefined) !== (entry.url === undefined), {
    message: 'needs either "file" or "url"',
  });
const catalogSchema = z.array(entrySchema).max(100_000);

export type CatalogEntry = z.infer<typeof entrySchema>;

/**
 * Check a parsed JSON value. Unknown members are dropped. Throws `format` with a sentence that
 * names the row and the member at fault.
 */
export function parseCatalog(value: unknown): CatalogEntry[] {
  const parsed = catalogSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  const row = typeof path[0] === 'number' ? `entry ${path[0] + 1}` : 'the list';
  const member = path.length > 1 ? `, "${path.slice(1).join('.')}"` : '';
  throw new CytolensError(
    'format',
    `The catalog of slides has a mistake in ${row}${member}: ${message}.`,
    parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
  );
}

/** As `parseCatalog`, from the text of a file. */
export function readCatalog(json: string): CatalogEntry[] {
  try {
    return parseCatalog(JSON.parse(json));
  } catch (error) {
    if (error instanceof CytolensError) throw error;
    throw new CytolensError(
      'format',
      'The catalog of slides is not a JSON text.',
      error instanceof Error ? error.message : String(error),
    );
  }
}

/** How to open a row; `base` is the absolute address of the catalog itself. */
export function sourceOf(entry: CatalogEntry, base: string): SlideSource {
  const path = (entry.file ?? '').split('/').map(encodeURIComponent).join('/');
  // The dot keeps a path that starts with // from naming another server.
  const url = entry.url ?? new URL(`./${path}`, base).href;
  return { kind: 'url', url, facts: factsOf(entry) };
}

/** What a row says beyond the file itself. */
export function factsOf(entry: CatalogEntry): CatalogFacts {
  const { name, mpp, objective, stain, scanner, source, licence } = entry;
  return { name, mpp, objective, stain, scanner, source, licence };
}
