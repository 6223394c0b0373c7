/**
 * What a case is: slides that belong together, under a name. Cases of the same name are one case,
 * from whatever folder or list their slides came.
 */
import type { CatalogFacts, SlideSource } from '../../slide/slide.ts';

export interface Case {
  name: string;
  /** What it is called while names are masked: from 1, in the order in which cases came. */
  number: number;
  notes: string;
  slides: CaseSlide[];
}

/** A slide of a case, as it is kept. */
export interface CaseSlide {
  case: string;
  /** Names the slide among all: `keyOf`. */
  key: string;
  /** Place within the case, from 0. */
  order: number;
  name: string;
  detail: string;
  kept: KeptSource;
  facts?: CatalogFacts;
  /** When it was marked as reviewed, ISO 8601. */
  reviewed: string | null;
  /** Identity of its pixels (`SlideInfo.id`), known once it was opened or a list told. */
  slide: string | null;
}

/** What can be kept of a slide's whereabouts. Files themselves are never copied. */
export type KeptSource =
  | { kind: 'url'; url: string }
  /** Files of a folder that the browser can read again, once it is allowed to. */
  | { kind: 'handles'; files: HandleFile[] }
  /** Files that must be chosen again after a reload. Paths begin with the chosen folder's name. */
  | { kind: 'files'; paths: string[] };

export interface HandleFile {
  path: string;
  handle: FileSystemFileHandle;
}

/** What the case list shows of a case. */
export interface CaseSummary {
  name: string;
  number: number;
  slides: number;
  reviewed: number;
  /** The slide whose thumbnail stands for the case. */
  first: CaseSlide | null;
}

export function summaryOf({ name, number, slides }: Case): CaseSummary {
  const reviewed = slides.filter((slide) => slide.reviewed !== null).length;
  return { name, number, slides: slides.length, reviewed, first: slides[0] ?? null };
}

/** The key of a slide at an address, or of local files by their first path. */
export function keyOf(kept: KeptSource): string {
  if (kept.kind === 'url') return `url:${kept.url}`;
  const [path] = kept.kind === 'files' ? kept.paths : kept.files.map((file) => file.path);
  return `file:${path}`;
}

/** Text contains all words of the query, in any order and case. */
export function matches(text: string, query: string): boolean {
  const lower = text.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

/** Of which kept slide a source was made: an opened file does not know. */
export type Origin = Pick<CaseSlide, 'case' | 'key' | 'order'>;
const origins = new WeakMap<SlideSource, Origin>();

export function rememberOrigin(source: SlideSource, slide: Origin): void {
  origins.set(source, { case: slide.case, key: slide.key, order: slide.order });
}

/** The key of what is open; null for a file that came from no list. */
export function keyOfSource(source: SlideSource): string | null {
  if (source.kind === 'url') return `url:${source.url}`;
  if (source.kind === 'synthetic') return `drawn:${source.seed}:${source.width}x${source.height}`;
  return origins.get(source)?.key ?? null;
}

/** Of which case a slide was opened, if of any. */
export function originOf(source: SlideSource): Origin | undefined {
  return origins.get(source);
}
