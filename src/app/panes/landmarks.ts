/** Landmarks are kept in this browser, by the ids of the two slides; nothing else is. */
import { z } from 'zod';
import type { LandmarkPair } from '../../core/alignment.ts';

const KEY = 'cytolens.landmarks';

const point = z.object({ x: z.number(), y: z.number() });
const kept = z.record(z.string(), z.array(z.object({ main: point, other: point })));

/** What is kept for two slides, whichever of them was the main one then. */
export function readLandmarks(main: string, other: string, store: Storage): LandmarkPair[] {
  const all = readAll(store);
  const turned = all[nameOf(other, main)];
  return (
    all[nameOf(main, other)] ??
    turned?.map((pair) => ({ main: pair.other, other: pair.main })) ??
    []
  );
}

/** Keep `pairs` in place of what was kept for the two slides; none forgets them. */
export function writeLandmarks(
  main: string,
  other: string,
  pairs: readonly LandmarkPair[],
  store: Storage,
): void {
  const all: Record<string, readonly LandmarkPair[]> = readAll(store);
  delete all[nameOf(other, main)];
  delete all[nameOf(main, other)];
  if (pairs.length > 0) all[nameOf(main, other)] = pairs;
  try {
    store.setItem(KEY, JSON.stringify(all));
  } catch {
    // A full or forbidden store: the landmarks hold as long as the page is open.
  }
}

function readAll(store: Storage): Record<string, LandmarkPair[]> {
  try {
    return kept.parse(JSON.parse(store.getItem(KEY) ?? '{}'));
  } catch {
    return {};
  }
}

function nameOf(main: string, other: string): string {
  return `${main} | ${other}`;
}
