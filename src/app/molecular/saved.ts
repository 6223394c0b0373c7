/** Prompts that a person keeps with a slide, in the browser. */
import { z } from 'zod';
import type { GeneSet } from '../../molecular/genesets.ts';

/** A set as it was asked for, under the name it was saved by. */
export interface SavedPrompt extends GeneSet {
  title: string;
}

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem'>;

const rows = z.array(
  z.object({
    title: z.string(),
    name: z.string(),
    description: z.string(),
    source: z.string(),
    genes: z.array(z.string()),
  }),
);

const keyOf = (slideId: string) => `cytolens-prompts:${slideId}`;

/** Prompts of a slide; none where nothing, or nothing legible, is kept. */
export function readSaved(slideId: string, storage: Storage): SavedPrompt[] {
  try {
    return rows.parse(JSON.parse(storage.getItem(keyOf(slideId)) ?? '[]'));
  } catch {
    return [];
  }
}

/** False where the browser keeps nothing. */
export function writeSaved(
  slideId: string,
  saved: readonly SavedPrompt[],
  storage: Storage,
): boolean {
  try {
    if (saved.length === 0) storage.removeItem(keyOf(slideId));
    else storage.setItem(keyOf(slideId), JSON.stringify(saved));
    return true;
  } catch {
    return false;
  }
}
