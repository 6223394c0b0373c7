/**
 * An encoder in several threads: beside the session that is at hand, further ones of the same files,
 * each in a worker of its own, take pictures when they are ready.
 */
import { isCytolensError } from '../../core/errors.ts';
import { type Call, connect } from '../../core/rpc.ts';
import type { ModelFolder } from '../../model/folder.ts';
import type { RgbaImage } from '../../slide/slide.ts';
import type { Embedder, FieldTokens } from './embedder.ts';

/** Lanes at most, the first one included. */
const MOST_LANES = 4;

export interface EncoderLaneApi {
  /** Start an encoder from the bytes of its files; `base` is the app's root. */
  open: Call<{ base: string; files: ModelFiles }, null>;
  embed: Call<{ picture: RgbaImage }, FieldTokens>;
}

/** The files of a model folder that a session reads, by path. */
export type ModelFiles = Map<string, Uint8Array>;

/** A folder that remembers what was read of it, its manifest included. */
export async function remembered<F extends ModelFolder>(
  folder: F,
): Promise<{ folder: F; files: ModelFiles }> {
  const files: ModelFiles = new Map();
  const read: ModelFolder['read'] = async (path, signal) => {
    const bytes = await folder.read(path, signal);
    files.set(path, bytes);
    return bytes;
  };
  await read('manifest.json');
  return { folder: { ...folder, read }, files };
}

/** One picture after the other. */
export type Look = (picture: RgbaImage) => Promise<FieldTokens>;

/** A lane for every further core; the caller closes them. */
export function openLanes(base: string, files: ModelFiles) {
  const count = Math.min(navigator.hardwareConcurrency, MOST_LANES) - 1;
  const connections = Array.from({ length: count }, () =>
    connect<EncoderLaneApi>(
      new Worker(new URL('./lane.worker.ts', import.meta.url), {
        type: 'module',
        name: 'encoder lane',
      }),
    ),
  );
  const looks = connections.map(async (connection): Promise<Look> => {
    await connection.call('open', { base, files });
    return (picture) => connection.call('embed', { picture });
  });
  return {
    looks,
    close() {
      for (const connection of connections) connection.close();
    },
  };
}

/**
 * The `first` embedder with further lanes, which join when they are ready. A picture goes to the lane
 * with least to do; one that fails in a further lane is seen by the first, and that lane is left out.
 */
export function together(first: Embedder, further: readonly Promise<Look>[]): Embedder {
  const own: Look = (picture) => first.embed(picture);
  const busy = new Map([[own, 0]]);
  for (const opening of further) {
    opening.then(
      (look) => busy.set(look, 0),
      () => undefined,
    );
  }
  return {
    facts: first.facts,
    get lanes() {
      return busy.size;
    },
    async embed(picture) {
      const [[look, count]] = [...busy].sort((a, b) => a[1] - b[1]);
      busy.set(look, count + 1);
      try {
        return await look(picture);
      } catch (error) {
        if (look === own || isCytolensError(error, 'cancelled')) throw error;
        busy.delete(look);
        return await own(picture);
      } finally {
        const now = busy.get(look);
        if (now) busy.set(look, now - 1);
      }
    },
  };
}
