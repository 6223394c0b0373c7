/** Cases as a JSON list: rows of a catalog of slides, with what was noted of them (docs/cases.md). */
import { z } from 'zod';
import { CytolensError } from '../../core/errors.ts';
import { type CatalogEntry, factsOf, parseCatalog, sourceOf } from '../../slide/catalog.ts';
import { formatOf, withoutExtension } from '../../slide/formats.ts';
import { type Bookmark, type BookmarkFacts, bookmarkOf, bookmarkSchema } from './bookmark.ts';
import { type Case, type CaseSlide, type KeptSource, keyOf } from './case.ts';

/** What a row may say beyond the catalog's own members. */
const notedSchema = z.array(
  z.object({
    /** Identity of the slide's pixels: whose bookmarks these are. */
    slide: z.string().trim().min(1).max(500).optional(),
    reviewed: z.iso.datetime().optional(),
    /** Of the case; one row of it is enough. */
    notes: z.string().max(20_000).optional(),
    bookmarks: z.array(bookmarkSchema).max(10_000).optional(),
  }),
);

type Noted = z.infer<typeof notedSchema>[number];

export interface CaseList {
  /** Without a number: they get it when they are taken in. */
  cases: Case[];
  bookmarks: Bookmark[];
}

/**
 * The cases of a list. `base` is the list's absolute address, or null for a file of this disk:
 * its `file` rows then wait until their folder is chosen. Rows without a case are of the case
 * `name`. Throws `format` with a sentence that names the row at fault.
 */
export function readCaseList(json: string, name: string, base: string | null): CaseList {
  const value = parseJson(json);
  const rows = parseCatalog(value);
  const noted = notedSchema.safeParse(value);
  if (!noted.success) {
    const { path, message } = noted.error.issues[0];
    throw new CytolensError(
      'format',
      `The list of cases has a mistake in entry ${Number(path[0]) + 1}, "${path.slice(1).join('.')}": ${message}.`,
    );
  }
  const cases = new Map<string, Case>();
  const bookmarks: Bookmark[] = [];
  rows.forEach((row, at) => {
    const { slide, reviewed, notes, bookmarks: marks = [] } = noted.data[at];
    const caseName = row.case ?? name;
    const of = cases.get(caseName) ?? { name: caseName, number: 0, notes: '', slides: [] };
    cases.set(caseName, of);
    if (notes) of.notes = notes;
    const kept = keptOf(row, base);
    const title = row.name ?? titleOf(row.file ?? row.url ?? 'Slide');
    of.slides.push({
      case: caseName,
      key: keyOf(kept),
      order: of.slides.length,
      name: title,
      detail: [row.stain, row.objective ? `${row.objective}x` : null, row.scanner]
        .filter(Boolean)
        .join(' · '),
      kept,
      facts: { ...factsOf(row), name: title },
      reviewed: reviewed ?? null,
      slide: slide ?? null,
    });
    if (slide) for (const mark of marks) bookmarks.push(bookmarkOf(slide, mark));
  });
  return { cases: [...cases.values()], bookmarks };
}

/** A case as the text of a list; `readCaseList` reads it back. */
export function writeCaseList(of: Case, bookmarks: readonly Bookmark[]): string {
  const rows = of.slides.map((slide, at): CatalogEntry & Noted => ({
    case: of.name,
    ...(slide.kept.kind === 'url' ? { url: slide.kept.url } : { file: pathOf(slide.kept) }),
    ...present(slide.facts ?? {}),
    name: slide.name,
    ...present({ slide: slide.slide, reviewed: slide.reviewed }),
    ...(at === 0 && of.notes ? { notes: of.notes } : {}),
    ...marksOf(slide, bookmarks),
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

function marksOf({ slide }: CaseSlide, bookmarks: readonly Bookmark[]): Noted {
  const marks = bookmarks.filter((mark) => mark.slide === slide);
  if (marks.length === 0) return {};
  return { bookmarks: marks.map(({ id: _, slide: __, ...facts }): BookmarkFacts => facts) };
}

function keptOf(row: CatalogEntry, base: string | null): KeptSource {
  if (row.file !== undefined && base === null) return { kind: 'files', paths: [row.file] };
  const source = sourceOf(row, base ?? 'http://localhost/');
  return { kind: 'url', url: source.kind === 'url' ? source.url : '' };
}

function pathOf(kept: Exclude<KeptSource, { kind: 'url' }>): string {
  return kept.kind === 'files' ? kept.paths[0] : kept.files[0].path;
}

/** Only members that say something. */
function present<T extends object>(members: T): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
  const said = Object.entries(members).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(said) as Partial<{ [K in keyof T]: NonNullable<T[K]> }>;
}

function titleOf(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1);
  return withoutExtension(file, formatOf(file));
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new CytolensError('format', 'The list of cases is not a JSON text.', String(error));
  }
}
