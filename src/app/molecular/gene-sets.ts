/** Every gene set at hand: the Hallmark sets that ship, and those of files the user opened. */
import { CytolensError } from '../../core/errors.ts';
import { type GeneSet, parseCollection, parseGmt } from '../../molecular/genesets.ts';

/** A file larger than this is not one of gene sets: all of MSigDB is 20 MB. */
const LARGEST_FILE = 256e6;
/** Sets that a search shows at most. */
const MOST_FOUND = 60;

/** A file of sets, as the panel knows it. */
export interface SetFile {
  name: string;
  sets: number;
  /** What its licence asks to be told; '' for a file of the user's own. */
  attribution: string;
}

export class GeneSets {
  private readonly files = new Map<string, { sets: GeneSet[]; attribution: string }>();

  /** Files in the order they were opened. */
  list(): SetFile[] {
    return [...this.files].map(([name, { sets, attribution }]) => ({
      name,
      sets: sets.length,
      attribution,
    }));
  }

  /** Sets whose name or description holds every word of `text`; the first MOST_FOUND. */
  search(text: string): GeneSet[] {
    const words = text
      .toLowerCase()
      .split(/[\s_]+/)
      .filter(Boolean);
    const found: GeneSet[] = [];
    for (const set of this.all()) {
      const said = `${set.name.replaceAll('_', ' ')} ${set.description}`.toLowerCase();
      if (words.every((word) => said.includes(word))) found.push(set);
      if (found.length === MOST_FOUND) break;
    }
    return found;
  }

  /** The set of this name; of several, that of the file opened first. */
  named(name: string): GeneSet | null {
    for (const set of this.all()) if (set.name === name) return set;
    return null;
  }

  /** Read a GMT file, plain or gzipped; gives how many sets. Throws like `parseGmt`, `too-large`. */
  async openGmt(file: File): Promise<number> {
    if (file.size > LARGEST_FILE) {
      throw new CytolensError('too-large', `${file.name} is too large to be a file of gene sets.`);
    }
    const sets = await parseGmt(new Uint8Array(await file.arrayBuffer()), file.name);
    this.files.set(file.name, { sets, attribution: '' });
    return sets.length;
  }

  /** Read the sets that ship with the viewer. Throws `network`, `format`. */
  async openHallmark(): Promise<void> {
    const response = await shippedFile('genesets/hallmark.json', 'The list of Hallmark gene sets');
    const { collection, sets, attribution } = parseCollection(await response.json());
    this.files.set(collection, { sets, attribution });
  }

  private *all(): Generator<GeneSet> {
    for (const { sets } of this.files.values()) yield* sets;
  }
}

/** A file that comes with the viewer. Throws `network` with `what` it is. */
export async function shippedFile(path: string, what: string): Promise<Response> {
  const url = new URL(path, document.baseURI);
  const response = await fetch(url).catch(() => null);
  if (response?.ok) return response;
  throw new CytolensError(
    'network',
    `${what} could not be loaded. Check the connection and try again.`,
    url.href,
  );
}
