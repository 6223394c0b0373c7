/** A lane's own thread: its sessions, its copy of the slide, one field after the other. */
import { CytolensError } from '../core/errors.ts';
import { serve, Transfer } from '../core/rpc.ts';
import { webBackend } from '../model/backend.web.ts';
import { httpReader, type ModelFolder, openFolder, subfolder } from '../model/folder.ts';
import type { ModelManifest } from '../model/manifest.ts';
import { openSession } from '../model/session.ts';
import { openSlide } from '../slide/formats.ts';
import type { LaneApi } from './lane.client.ts';
import { type Lane, laneOf } from './lane.ts';

type Role = ModelManifest['role'];

let lane: Lane | undefined;

serve<LaneApi>(
  {
    async open({ base, segmenter, encoder, source, mpp }, { signal }) {
      const read = httpReader(new URL('models/', base).href);
      const backend = webBackend(base);
      const start = async <R extends Role>(id: string, role: R) => {
        const folder = await openFolder(subfolder(read, id), id, signal);
        return openSession(ofRole(folder, role), backend, ['wasm'], signal);
      };
      const eyes = {
        segmenter: await start(segmenter, 'segmenter'),
        encoder: await start(encoder, 'encoder'),
      };
      lane = laneOf(await openSlide(source, { signal }), mpp, eyes);
      return null;
    },

    async see({ place }, { signal }) {
      if (!lane) throw new CytolensError('internal', 'The lane is not open.');
      const sight = await lane.see(place, signal);
      if (!sight) return null;
      const { found } = sight.detections;
      const { classToken, patchTokens } = sight.tokens;
      const cells = [found.x, found.y, found.radii, found.type, found.prob, found.area];
      const buffers = [...cells, classToken, patchTokens].map((array) => array.buffer);
      return new Transfer(sight, [...new Set(buffers)] as ArrayBuffer[]);
    },
  },
  self,
);

function ofRole<R extends Role>(folder: ModelFolder, role: R) {
  if (folder.manifest.role === role) {
    return folder as ModelFolder<Extract<ModelManifest, { role: R }>>;
  }
  throw new CytolensError('model', `${folder.manifest.name} is no ${role}.`);
}
