/** The worker's side of api.ts. */

import { toCytolensError } from '../../core/errors.ts';
import type { Handlers } from '../../core/rpc.ts';
import type { ModelFolder } from '../../model/folder.ts';
import type { EncoderManifest } from '../../model/manifest.ts';
import type { ModelSession } from '../../model/session.ts';
import { readEncoders, samplesDiffer } from '../read/read-embeddings.ts';
import type { SampleLabels } from '../samples.ts';
import type { EncoderAuditApi, TilesSource, TilesSummary } from './api.ts';
import { embedderOf } from './embedder.ts';
import { auditEmbeddings, auditEncoder, type EncoderAudit, labelled } from './encoder-audit.ts';
import { openLanes, remembered, together } from './lanes.ts';
import { folderTiles, placedTiles } from './tile-sets.ts';
import type { TileSet } from './tiles.ts';

/** What the calls need of the worker. The caller of `openEncoder` releases the session. */
export interface EncoderAccess {
  encoderFolder(id: string): ModelFolder<EncoderManifest>;
  openEncoder(
    folder: ModelFolder<EncoderManifest>,
    signal: AbortSignal,
  ): Promise<ModelSession<EncoderManifest>>;
  /** Absolute URL of the app's root; null when no further lane is wanted. */
  lanesFrom(): string | null;
}

export function encoderCalls(access: EncoderAccess): Handlers<EncoderAuditApi> {
  return {
    async describeTiles({ set, fieldUm }, { signal }) {
      const tiles = await openSet(set, fieldUm, signal);
      tiles.close();
      return summaryOf(tiles);
    },

    async auditTiles({ set, encoder, turned }, { signal, progress }) {
      const { folder, files } = await remembered(access.encoderFolder(encoder));
      const session = await access.openEncoder(folder, signal);
      const base = session.status.provider === 'wasm' ? access.lanesFrom() : null;
      const lanes = base === null ? null : openLanes(base, files);
      try {
        const { px, mpp } = session.manifest.input;
        const tiles = await openSet(set, px * mpp, signal);
        const options = { turned, signal, onProgress: progress };
        try {
          const embedder = together(embedderOf(session), lanes?.looks ?? []);
          return await auditEncoder(tiles, embedder, options);
        } finally {
          tiles.close();
        }
      } finally {
        lanes?.close();
        await session.release();
      }
    },

    async auditTables({ files }, { signal, progress }) {
      const sets = await readEncoders(
        files.map((file) => ({
          name: file.name,
          bytes: async () => new Uint8Array(await file.arrayBuffer()),
        })),
        signal,
      );
      const differ = samplesDiffer(sets);
      const audits: EncoderAudit[] = [];
      for (const set of sets) {
        const names = { title: set.encoder ?? set.file, name: set.file };
        const audit = await auditEmbeddings(set, names, { signal, onProgress: progress });
        audits.push(differ ? { ...audit, set: { ...audit.set, notes: [differ] } } : audit);
      }
      return audits;
    },
  };
}

function openSet(set: TilesSource, fieldUm: number, signal: AbortSignal): Promise<TileSet> {
  if (set.kind === 'folder') return folderTiles(set.files, set.name, fieldUm, { signal });
  return Promise.resolve(placedTiles(set.slides, set.places, set.name, { signal }));
}

function summaryOf({ tiles, notes }: TileSet): TilesSummary {
  const counted = (names: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].map(([name, count]) => ({ name, tiles: count }));
  };
  const labels = tiles.map((tile) => tile.labels);
  return {
    tiles: tiles.length,
    classes: counted(labels.map(({ biology }) => biology)),
    centres: counted(labels.map(({ centre }) => centre)),
    groups: new Set(labels.map(({ group }) => group)).size,
    notes,
    lack: lackOf(labels),
  };
}

/** Why these labels cannot be audited, in a sentence; null where they can. */
function lackOf(labels: readonly SampleLabels[]): string | null {
  try {
    labelled(labels);
    return null;
  } catch (error) {
    return toCytolensError(error).message;
  }
}
