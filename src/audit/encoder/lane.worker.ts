/** A lane's own thread: one session, one picture after the other. */
import { CytolensError } from '../../core/errors.ts';
import { serve, Transfer } from '../../core/rpc.ts';
import { webBackend } from '../../model/backend.web.ts';
import { type ModelFolder, openFolder } from '../../model/folder.ts';
import type { EncoderManifest } from '../../model/manifest.ts';
import { openSession } from '../../model/session.ts';
import { type Embedder, embedderOf } from './embedder.ts';
import type { EncoderLaneApi } from './lanes.ts';

let embedder: Embedder | undefined;

serve<EncoderLaneApi>(
  {
    async open({ base, files }, { signal }) {
      const read = async (path: string) => {
        const bytes = files.get(path);
        if (bytes) return new Uint8Array(bytes);
        throw new CytolensError('internal', `The lane was not given ${path}.`);
      };
      const folder = await openFolder(read, 'the encoder', signal);
      if (folder.manifest.role !== 'encoder') {
        throw new CytolensError('internal', 'The lane was given another model.');
      }
      const encoder = folder as ModelFolder<EncoderManifest>;
      embedder = embedderOf(await openSession(encoder, webBackend(base), ['wasm'], signal));
      return null;
    },

    async embed({ picture }) {
      if (!embedder) throw new CytolensError('internal', 'The lane is not open.');
      const tokens = await embedder.embed(picture);
      const { classToken, patchTokens } = tokens;
      const buffers = [classToken.buffer, patchTokens.buffer] as ArrayBuffer[];
      return new Transfer(tokens, [...new Set(buffers)]);
    },
  },
  self,
);
