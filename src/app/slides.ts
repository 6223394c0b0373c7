/** Which slides can be chosen, and how a name, a file or an address becomes a source. */
import { CytolensError, toCytolensError } from '../core/errors.ts';
import { type CatalogEntry, readCatalog, sourceOf } from '../slide/catalog.ts';
import type { SlideSource } from '../slide/slide.ts';
import { filesOf } from './cases/folder.ts';
import type { Commands } from './commands.ts';
import { sourceOfFiles } from './opening/chosen.ts';
import { getState, report, type SlideChoice, setState } from './state.ts';
import { BUILT_IN, readUrl, sourceFromName } from './url.ts';

const BUILT_IN_CHOICE: SlideChoice = {
  name: 'Synthetic H&E (built in)',
  detail: 'Drawn on this machine, with known cells',
  source: BUILT_IN,
};

/** Read the lists: slides the local server offers (where there is one), and the public ones. */
export async function loadSlideLists(): Promise<void> {
  setState({ local: [BUILT_IN_CHOICE] });
  const [local, web] = await Promise.all([
    readList('slides/catalog.json'),
    readList('web-slides.json'),
  ]);
  setState({ local: [BUILT_IN_CHOICE, ...local], web });
}

/** A list that is not there is an empty list: a plain static host has no slides of its own. */
async function readList(path: string): Promise<SlideChoice[]> {
  const url = new URL(path, document.baseURI).href;
  try {
    const response = await fetch(url);
    if (!response.ok || !response.headers.get('content-type')?.includes('json')) return [];
    return readCatalog(await response.text()).map((entry) => choiceOf(entry, url));
  } catch (error) {
    if (error instanceof CytolensError) report(toCytolensError(error));
    return [];
  }
}

function choiceOf(entry: CatalogEntry, base: string): SlideChoice {
  const { name, file, url, stain, objective, scanner, licence } = entry;
  const parts = [stain, objective ? `${objective}x` : null, scanner, licence];
  return {
    name: name ?? file ?? url ?? 'Slide',
    detail: parts.filter(Boolean).join(' · '),
    source: sourceOf(entry, base),
    entry,
  };
}

/** What a person or a script may name a slide by; several files are one slide. */
export type Opened = string | File | readonly File[] | SlideSource;

/** A name of a listed slide, an address, files, or a source as it is. Throws `format`. */
export function resolveSource(source: Opened): SlideSource {
  if (source instanceof File) return { kind: 'file', file: source };
  if (isList(source)) return sourceOfFiles(filesOf(source));
  if (typeof source !== 'string') return source;
  const found = sourceFromName(source, document.baseURI);
  if (!found) {
    throw new CytolensError(
      'format',
      'This is not the address of a slide. It should begin with http:// or https://.',
      source,
    );
  }
  return withFacts(found);
}

function isList(source: Opened): source is readonly File[] {
  return Array.isArray(source);
}

/** Where the built-in slide opens: tumour glands beside stroma with lymphocytes. Level-0 px. */
const BUILT_IN_VIEW = { x: 23_500, y: 27_500, w: 2000, h: 1500 };

/** The slide that the address names, or the built-in one; also when the named one fails. */
export async function openFirst(commands: Commands): Promise<void> {
  const { slide, view, pose, mpp } = readUrl(location.search);
  const frame = view ?? undefined;
  if (slide) {
    try {
      await commands.open(resolveSource(slide), { frame, pose, mpp: mpp ?? undefined });
      return;
    } catch (error) {
      await commands.openShown(BUILT_IN, { frame: BUILT_IN_VIEW });
      report(toCytolensError(error));
      return;
    }
  }
  await commands.openShown(BUILT_IN, { frame: frame ?? BUILT_IN_VIEW, pose });
}

/** Facts (um/px, stain, scanner) that a list tells of the same address. */
function withFacts(source: SlideSource): SlideSource {
  if (source.kind !== 'url' || source.facts) return source;
  const { local, web } = getState();
  const listed = [...local, ...web].find(
    (choice) => choice.source.kind === 'url' && choice.source.url === source.url,
  );
  return listed ? listed.source : source;
}
