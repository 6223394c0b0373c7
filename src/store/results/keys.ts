/** Names of folders in the browser's storage: same slide and same models, same folder. */
import { sha256 } from '../../slide/sha256.ts';

/** What decides the cells and tokens of a run. Heads do not: each has its own answers in a run. */
export interface RunIdentity {
  /** SHA-256 of the weights of the segmenter and of the encoder that ran. */
  segmenter: string;
  encoder: string;
  /** um per level-0 px, which the user may have set. */
  mpp: number;
  /** Whatever else changes a field's numbers, by name; e.g. fine mode. */
  settings?: Readonly<Record<string, string | number | boolean>>;
}

/** Folder of a slide: 16 hex digits of the SHA-256 of its id. */
export function slideKey(slideId: string): string {
  return short(slideId);
}

/** Folder of a run within its slide's: 16 hex digits. */
export function runKey({ segmenter, encoder, mpp, settings = {} }: RunIdentity): string {
  const sorted = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
  return short(JSON.stringify([segmenter, encoder, mpp, sorted]));
}

function short(text: string): string {
  return sha256(new TextEncoder().encode(text)).slice(0, 16);
}
