/**
 * A model ready to run: its file verified by hash, its session made on the best provider that
 * passes parity. A provider that fails is recorded and the next one tried; when none passes there
 * is an error and no session, hence no map.
 */
import { CytolensError, throwIfAborted, toCytolensError } from '../core/errors.ts';
import type { Backend, RawSession } from './backend.ts';
import { type ModelFolder, readVerified } from './folder.ts';
import type { ModelFile, ModelManifest, Provider } from './manifest.ts';
import { checkParity, type ParityReport } from './parity.ts';
import type { Tensor } from './tensor.ts';

/** What is known of a model that runs: shown on screen and written into every export. */
export interface ModelStatus {
  id: string;
  name: string;
  role: ModelManifest['role'];
  version: string;
  provider: Provider;
  dtype: string;
  sha256: string;
  runtime: string;
  parity: ParityReport;
  /** Providers tried before this one and why each was not used. */
  refused: { provider: Provider; reason: string }[];
}

export interface ModelSession<M extends ModelManifest = ModelManifest> {
  manifest: M;
  status: ModelStatus;
  run(inputs: Record<string, Tensor>): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

export async function openSession<M extends ModelManifest>(
  folder: ModelFolder<M>,
  backend: Backend,
  providers: readonly Provider[],
  signal?: AbortSignal,
): Promise<ModelSession<M>> {
  const { manifest } = folder;
  const refused: ModelStatus['refused'] = [];
  let hashError: CytolensError | undefined;
  for (const provider of providers) {
    const files = manifest.files.filter((f) => f.provider === provider);
    if (files.length === 0) {
      refused.push({ provider, reason: 'the model has no file for it' });
    }
    for (const file of files) {
      throwIfAborted(signal);
      try {
        return await start(folder, file, backend, refused, signal);
      } catch (error) {
        const known = toCytolensError(error);
        if (known.tag === 'cancelled') throw known;
        // A changed file is the user's business whatever else works: remember it for the message.
        if (known.tag === 'model') hashError ??= known;
        refused.push({
          provider,
          reason: `${file.dtype}: ${known.message} ${known.detail}`.trim(),
        });
      }
    }
  }
  if (hashError) throw hashError;
  throw new CytolensError(
    'parity',
    `The model "${manifest.name}" does not compute the right numbers on this machine, so nothing is drawn from it. Try another browser, or update the graphics driver.`,
    refused.map((r) => `${r.provider}: ${r.reason}`).join('; '),
  );
}

async function start<M extends ModelManifest>(
  folder: ModelFolder<M>,
  file: ModelFile,
  backend: Backend,
  refused: ModelStatus['refused'],
  signal?: AbortSignal,
): Promise<ModelSession<M>> {
  const { manifest } = folder;
  const bytes = await readVerified(folder, file.path, file.sha256, signal);
  const external = await Promise.all(
    (file.external ?? []).map(async ({ path, sha256 }) => ({
      path,
      data: await readVerified(folder, path, sha256, signal),
    })),
  );
  let raw: RawSession;
  try {
    raw = await backend.create(bytes, file.provider, external);
  } catch (error) {
    throw new CytolensError('parity', 'could not be started', String(error));
  }
  try {
    const parity = await checkParity(folder, file, raw, signal);
    if (!parity.passed) {
      throw new CytolensError(
        'parity',
        'parity failed',
        `relative error ${parity.error.toPrecision(3)}, allowed ${parity.tolerance}`,
      );
    }
    const status: ModelStatus = {
      id: manifest.id,
      name: manifest.name,
      role: manifest.role,
      version: manifest.version,
      provider: file.provider,
      dtype: file.dtype,
      sha256: file.sha256,
      runtime: backend.describe(file.provider),
      parity,
      refused,
    };
    // The runtime takes one call of a session at a time; a run and a question may both be asking.
    let last: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    };
    return {
      manifest,
      status,
      run: (inputs) =>
        inTurn(() => raw.run(inputs)).catch((error) => {
          throw stopped(manifest, file.provider, error);
        }),
      release: () => inTurn(() => raw.release()),
    };
  } catch (error) {
    // The WASM heap does not shrink: a session that is not used must be given back.
    await raw.release();
    throw error;
  }
}

/** A session that worked at load fails now: out of memory, or a graphics device that was lost. */
function stopped(manifest: ModelManifest, provider: Provider, error: unknown): CytolensError {
  const where = provider === 'webgpu' ? 'the graphics processor' : 'this processor';
  return new CytolensError(
    'stopped',
    `The model "${manifest.name}" stopped working on ${where}. Go on, and the models are started again; finished fields of a slide are kept.`,
    `${provider}: ${String(error)}`,
  );
}
