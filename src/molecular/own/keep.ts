/** The library of the user's own, kept in the browser: what answers, not the counts. */
import { openDB } from 'idb';
import type { OwnLibrary } from './build.ts';

const DATABASE = 'cytolens-library';
const STORE = 'libraries';
/** Larger ones last as long as the page. */
export const LARGEST_KEPT = 100e6;

/** `model` is the SHA-256 of the manifest whose network embedded the samples. */
type Kept = OwnLibrary & { model: string };

/** The one that this model's network embedded; null for none, or where the browser keeps nothing. */
export async function keptLibrary(model: string): Promise<OwnLibrary | null> {
  return withStore(async (database) => {
    const kept: Kept | undefined = await database.get(STORE, model);
    return kept ?? null;
  });
}

/** Keep a library, or forget it (null). Gives whether it outlasts the page. */
export async function keepLibrary(model: string, own: OwnLibrary | null): Promise<boolean> {
  const small = own !== null && own.ranks.byteLength <= LARGEST_KEPT;
  const done = await withStore(async (database) => {
    if (small) await database.put(STORE, { ...own, model } satisfies Kept, model);
    else await database.delete(STORE, model);
    return true;
  });
  return small && done === true;
}

/** Null where there is no database, or it refuses: keeping is a comfort and never an error. */
async function withStore<T>(
  work: (database: Awaited<ReturnType<typeof openDB>>) => Promise<T>,
): Promise<T | null> {
  if (typeof indexedDB === 'undefined') return null;
  try {
    const database = await openDB(DATABASE, 1, {
      upgrade: (opened) => void opened.createObjectStore(STORE),
    });
    try {
      return await work(database);
    } finally {
      database.close();
    }
  } catch {
    return null;
  }
}
