/** Tiles turned and resized, as the encoder sees them: do they keep their neighbours? */
import { throwIfAborted } from '../../core/errors.ts';
import { inOrder } from '../../core/tasks.ts';
import type { RgbaImage } from '../../slide/slide.ts';
import type { Estimate } from '../robustness.ts';
import type { SampleSet } from '../samples.ts';
import { agreementOf, groupsOf, meanOf } from './batch.ts';
import { embeddingOf } from './embedder.ts';
import type { Looks } from './looks.ts';
import { type AuditTile, openTile } from './tiles.ts';
import { ANGLES, SIZES, shareInside, turnedTile } from './views.ts';

/** Neighbours compared between views. */
const K = 10;

export interface RotationAudit {
  k: number;
  samples: number;
  /** What chance alone would keep. */
  chance: number;
  angles: { angle: number; kept: Estimate }[];
  /** Means over 90, 180, 270 degrees, and over the others. */
  quarter: Estimate;
  between: Estimate;
  /** Share of the field's side seen between quarter turns: 1 where there is tissue around the tiles. */
  share: number;
}

export interface SizeAudit {
  k: number;
  views: { id: string; share: number; coarser: number; samples: number; kept: Estimate }[];
}

/** Embeddings of one tile in every view; a size that needs tissue around the tile is left out. */
export interface SeenViews {
  plain: Float32Array;
  middle: Float32Array;
  angles: Float32Array[];
  sizes: (Float32Array | null)[];
  share: number;
}

/** Every tile of the batch in every view. Throws what slides and models throw, `cancelled`. */
export async function viewsOf(
  tiles: readonly AuditTile[],
  batch: readonly number[],
  looks: Looks,
  signal?: AbortSignal,
): Promise<SeenViews[]> {
  const { facts } = looks.embedder;
  const { px } = facts;
  const look = async (picture: RgbaImage) => {
    throwIfAborted(signal);
    return embeddingOf(await looks.see(picture));
  };
  const seen = async (i: number): Promise<SeenViews> => {
    const open = await openTile(tiles[i], facts, signal);
    const turned = await turnedTile(open, px, signal);
    const plain = await look(turned.plain);
    const share = shareInside(open, px);
    const middle = share < 1 ? await look(turned.middle) : plain;
    const angles: Float32Array[] = [];
    for (const { picture } of turned.angles) angles.push(await look(picture));
    const sizes: (Float32Array | null)[] = [];
    for (const { wants, pictures } of SIZES) {
      const seen: Float32Array[] = [];
      if (open.room >= wants) {
        for (const picture of await pictures(open, px, signal)) seen.push(await look(picture));
      }
      sizes.push(seen.length > 0 ? meanRow(seen) : null);
    }
    return { plain, middle, angles, sizes, share };
  };
  const out: SeenViews[] = [];
  for await (const views of inOrder(batch, () => looks.atOnce, seen)) {
    throwIfAborted(signal);
    out.push(views);
    looks.tell('turned and resized', out.length, batch.length);
  }
  return out;
}

/** What each view keeps of the neighbours of the plain ones. Throws `cancelled`. */
export async function compareViews(
  set: SampleSet,
  batch: readonly number[],
  seen: readonly SeenViews[],
  signal?: AbortSignal,
): Promise<{ rotation: RotationAudit; sizes: SizeAudit }> {
  const groups = groupsOf(set, batch);
  const n = seen.length;
  const k = Math.min(K, Math.max(1, Math.floor((n - 1) / 2)));
  const [plain, middle] = [seen.map((one) => one.plain), seen.map((one) => one.middle)];
  const angles: { angle: number; kept: Float64Array; estimate: Estimate }[] = [];
  for (const [a, angle] of ANGLES.entries()) {
    const reference = angle % 90 === 0 ? plain : middle;
    const turned = seen.map((one) => one.angles[a]);
    angles.push({ angle, ...(await agreementOf(reference, turned, k, groups, signal)) });
  }
  const over = (wanted: (angle: number) => boolean) => {
    const of = angles.filter(({ angle }) => wanted(angle));
    const means = plain.map((_, i) => of.reduce((sum, { kept }) => sum + kept[i], 0) / of.length);
    return meanOf(means, groups);
  };
  const views: SizeAudit['views'] = [];
  for (const [v, { id, share, coarser }] of SIZES.entries()) {
    const rows = seen.flatMap(({ sizes }) => sizes[v] ?? []);
    if (rows.length < n) continue;
    const { estimate } = await agreementOf(plain, rows, k, groups, signal);
    views.push({ id, share, coarser, samples: n, kept: estimate });
  }
  return {
    rotation: {
      ...{ k, samples: n, chance: k / (n - 1) },
      angles: angles.map(({ angle, estimate }) => ({ angle, kept: estimate })),
      quarter: over((angle) => angle % 90 === 0),
      between: over((angle) => angle % 90 !== 0),
      share: Math.min(...seen.map(({ share }) => share)),
    },
    sizes: { k, views },
  };
}

function meanRow(rows: readonly Float32Array[]): Float32Array {
  return rows[0].map((_, d) => rows.reduce((sum, row) => sum + row[d], 0) / rows.length);
}
