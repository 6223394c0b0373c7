/** The models that work together on a field: segmenter, encoder, and a head with its variant. */
import { CytolensError } from '../core/errors.ts';
import type { Backend } from './backend.ts';
import { type Bank, openBank } from './bank.ts';
import type { ModelFolder } from './folder.ts';
import type {
  EncoderManifest,
  HeadManifest,
  ModelManifest,
  Provider,
  SegmenterManifest,
} from './manifest.ts';
import { openPattern, type Pattern } from './pattern.ts';
import { type ModelSession, openSession } from './session.ts';

export interface Kit {
  segmenter: ModelSession<SegmenterManifest>;
  encoder: ModelSession<EncoderManifest>;
  /** The head whose evidence is drawn. */
  head: ModelSession<HeadManifest>;
  /** Its other variant (baseline or robust), run on the same embedding; null when there is none. */
  partner: ModelSession<HeadManifest> | null;
  /** Known tissue of the encoder; null when it has none. */
  bank: Bank | null;
  /** What misleads the encoder, for stress tests; null when it has none. */
  pattern: Pattern | null;
}

export interface KitFolders {
  segmenter: ModelFolder<SegmenterManifest>;
  encoder: ModelFolder<EncoderManifest>;
  head: ModelFolder<HeadManifest>;
  partner: ModelFolder<HeadManifest> | null;
}

/** Whether a head was trained on what an encoder gives. */
export function readsTokensOf(head: HeadManifest, encoder: EncoderManifest): boolean {
  const { tokens, dim, grid } = encoder.encoder;
  return (
    tokens === head.head.tokens && dim === head.head.dim && grid[0] * grid[1] === head.head.count
  );
}

/** The models of a kit, in the order they run. */
export function sessionsOf(kit: Kit): ModelSession[] {
  return [kit.segmenter, kit.encoder, kit.head, ...(kit.partner ? [kit.partner] : [])];
}

interface OpenOptions {
  forced?: Provider;
  signal?: AbortSignal;
  /** Reports each model as it stands. */
  onModel?: (session: ModelSession) => void;
  /** A kit whose sessions are taken over where the model is the same; the rest is released. */
  from?: Kit;
}

/**
 * Start the sessions one after the other. `forced` restricts to one provider; without it the
 * backend's order is tried. When a model cannot be started, `from` is left as it was.
 */
export async function openKit(
  folders: KitFolders,
  backend: Backend,
  options: OpenOptions = {},
): Promise<Kit> {
  const { forced, signal, onModel, from } = options;
  const providers = await providersOf(backend, forced);
  const former = from ? sessionsOf(from) : [];
  const opened: ModelSession[] = [];
  const start = async <M extends ModelManifest>(folder: ModelFolder<M>) => {
    const known = former.find((s) => s.manifest === folder.manifest) as ModelSession<M> | undefined;
    const session = known ?? (await openSession(folder, backend, providers, signal));
    if (!known) opened.push(session);
    onModel?.(session);
    return session;
  };
  try {
    const sameEncoder = from?.encoder.manifest === folders.encoder.manifest;
    const bank = sameEncoder ? from.bank : await openBank(folders.encoder, signal);
    const pattern = sameEncoder ? from.pattern : await openPattern(folders.encoder, signal);
    const kit = {
      segmenter: await start(folders.segmenter),
      encoder: await start(folders.encoder),
      head: await start(folders.head),
      partner: folders.partner ? await start(folders.partner) : null,
      bank,
      pattern,
    };
    const kept = new Set(sessionsOf(kit));
    await Promise.all(former.filter((s) => !kept.has(s)).map((s) => s.release()));
    return kit;
  } catch (error) {
    await Promise.all(opened.map((session) => session.release()));
    throw error;
  }
}

async function providersOf(backend: Backend, forced?: Provider): Promise<readonly Provider[]> {
  // Always there; asking for an adapter never ends once the graphics process has died.
  if (forced === 'wasm') return ['wasm'];
  const available = await backend.providers();
  if (!forced) return available;
  if (available.includes(forced)) return [forced];
  throw new CytolensError(
    'model',
    `This browser offers no ${forced === 'webgpu' ? 'WebGPU' : 'WebAssembly'}, which the address of this page asks for. Remove "provider=${forced}" from the address.`,
  );
}
