/** The three models that work together: segmenter, encoder, head. */
import { CytolensError } from '../core/errors.ts';
import type { Backend } from './backend.ts';
import { type ModelFolder, openFolder, parseJson, type ReadFile, subfolder } from './folder.ts';
import {
  type EncoderManifest,
  type HeadManifest,
  type ModelManifest,
  type Provider,
  parseKit,
  type SegmenterManifest,
} from './manifest.ts';
import { type ModelSession, openSession } from './session.ts';

export interface Kit {
  segmenter: ModelSession<SegmenterManifest>;
  encoder: ModelSession<EncoderManifest>;
  head: ModelSession<HeadManifest>;
}

export interface KitFolders {
  segmenter: ModelFolder<SegmenterManifest>;
  encoder: ModelFolder<EncoderManifest>;
  head: ModelFolder<HeadManifest>;
}

/** Read the manifests of the kit in `models/` (index.json names the folders). */
export async function openKitFolders(models: ReadFile, signal?: AbortSignal): Promise<KitFolders> {
  const kit = parseKit(parseJson(await models('index.json', signal), 'models/index.json'), 'index');
  const open = async <R extends ModelManifest['role']>(role: R, id: string) => {
    const folder = await openFolder(subfolder(models, id), `models/${id}`, signal);
    if (folder.manifest.role !== role) {
      throw new CytolensError('model', `models/${id} is a ${folder.manifest.role}, not a ${role}.`);
    }
    return folder as ModelFolder<Extract<ModelManifest, { role: R }>>;
  };
  const [segmenter, encoder, head] = await Promise.all([
    open('segmenter', kit.segmenter),
    open('encoder', kit.encoder),
    open('head', kit.head),
  ]);
  matchTokens(encoder.manifest, head.manifest);
  return { segmenter, encoder, head };
}

/** A head reads only the tokens it was trained on. Throws `model` otherwise. */
export function matchTokens(encoder: EncoderManifest, head: HeadManifest): void {
  const { tokens, dim, grid } = encoder.encoder;
  const count = grid[0] * grid[1];
  if (tokens === head.head.tokens && dim === head.head.dim && count === head.head.count) return;
  throw new CytolensError(
    'model',
    `The head "${head.name}" was trained on the tokens of another encoder than "${encoder.name}", so its numbers would mean nothing. Choose a head made for this encoder.`,
    `encoder ${tokens} ${count} x ${dim}, head ${head.head.tokens} ${head.head.count} x ${head.head.dim}`,
  );
}

/**
 * Start the three sessions one after the other. `forced` restricts to one provider; without it
 * the backend's order is tried. `onModel` reports each model as it stands.
 */
export async function openKit(
  folders: KitFolders,
  backend: Backend,
  options: {
    forced?: Provider;
    signal?: AbortSignal;
    onModel?: (role: keyof Kit, session: ModelSession) => void;
  } = {},
): Promise<Kit> {
  const { forced, signal, onModel } = options;
  const available = await backend.providers();
  if (forced && !available.includes(forced)) {
    throw new CytolensError(
      'model',
      `This browser offers no ${forced === 'webgpu' ? 'WebGPU' : 'WebAssembly'}, which the address of this page asks for. Remove "provider=${forced}" from the address.`,
    );
  }
  const providers = forced ? [forced] : available;
  const opened: ModelSession[] = [];
  const start = async <M extends ModelManifest>(role: keyof Kit, folder: ModelFolder<M>) => {
    const session = await openSession(folder, backend, providers, signal);
    opened.push(session);
    onModel?.(role, session);
    return session;
  };
  try {
    return {
      segmenter: await start('segmenter', folders.segmenter),
      encoder: await start('encoder', folders.encoder),
      head: await start('head', folders.head),
    };
  } catch (error) {
    await Promise.all(opened.map((session) => session.release()));
    throw error;
  }
}
