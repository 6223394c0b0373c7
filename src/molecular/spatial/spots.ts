/** Spots of spatial transcriptomics on their slide: where they lie and what was counted in them. */
import type { LocalFile } from '../../slide/slide.ts';
import { brokenNote, brokenShare, type Counts, type KnownNames, keepSpots } from './counts.ts';

/** How data of spots came. */
export type SpatialLayout = 'her2st' | 'visium' | 'anndata';

export interface SpotTable {
  layout: SpatialLayout;
  /** What the data are called: a section, a folder. */
  name: string;
  /** Centres, level-0 px; N. */
  x: Float64Array;
  y: Float64Array;
  /** Places on the lattice, um: what neighbourhood is measured by; N. */
  um: { x: Float64Array; y: Float64Array };
  diameterUm: number;
  /** Measured from the pitch of the lattice, um per level-0 px; null where it cannot be told. */
  mpp: number | null;
  counts: Counts;
  /** Ensembl ids that the data list beside symbols, and the symbol of each. */
  ids: [id: string, symbol: string][];
  /** Sentences: what was put right, left out or assumed. */
  notes: string[];
}

/** Size of the slide that spots are laid on, level-0 px; um/px null where it does not say. */
export interface SpotFrame {
  width: number;
  height: number;
  mpp: number | null;
}

export interface ReadSpots {
  files: readonly LocalFile[];
  frame: SpotFrame;
  /** Gene symbols that a model knows, by which genes are told from spots. */
  known: readonly string[];
}

export interface ReadContext {
  frame: SpotFrame;
  known: KnownNames;
  notes: string[];
  signal?: AbortSignal;
  /** Told the share of the files that is read, 0 to 1. */
  onProgress?: (share: number) => void;
}

/** A spot's place, before its counts are joined to it. */
export interface SpotPlace {
  x: number;
  y: number;
  um: { x: number; y: number };
}

/** Places and counts joined by name. */
export interface Joined {
  counts: Counts;
  places: SpotPlace[];
}

/** Spots that have both, on the slide; what is left out is counted in `notes`. */
export function joinPlaces(
  counts: Counts,
  places: ReadonlyMap<string, SpotPlace>,
  { frame, notes }: Pick<ReadContext, 'frame' | 'notes'>,
): Joined {
  const rows: number[] = [];
  let homeless = 0;
  let outside = 0;
  counts.spots.forEach((name, row) => {
    const place = places.get(name);
    if (!place) homeless++;
    else if (!(place.x >= 0 && place.y >= 0 && place.x < frame.width && place.y < frame.height)) {
      outside++;
    } else rows.push(row);
  });
  const counted = new Set(counts.spots);
  const empty = [...places.keys()].filter((name) => !counted.has(name)).length;
  const note = (count: number, one: string, many: string) => {
    if (count > 0) notes.push(`${count.toLocaleString('en')} ${count === 1 ? one : many}`);
  };
  note(
    homeless,
    'spot with counts has no place and was left out.',
    'spots with counts have no place and were left out.',
  );
  note(empty, 'place has no counts and was left out.', 'places have no counts and were left out.');
  note(
    outside,
    'spot lies outside of the slide and was left out.',
    'spots lie outside of the slide and were left out.',
  );
  const broken = brokenShare(counts);
  if (broken > 0) notes.push(brokenNote(broken));
  const kept = keepSpots(counts, rows);
  return { counts: kept, places: kept.spots.map((name) => places.get(name) as SpotPlace) };
}

/** Places as columns. */
export function columnsOfPlaces(places: readonly SpotPlace[]): Pick<SpotTable, 'x' | 'y' | 'um'> {
  return {
    x: Float64Array.from(places, (p) => p.x),
    y: Float64Array.from(places, (p) => p.y),
    um: {
      x: Float64Array.from(places, (p) => p.um.x),
      y: Float64Array.from(places, (p) => p.um.y),
    },
  };
}
