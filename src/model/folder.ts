/** A model folder wherever it lies: reads its files and proves that they are the ones promised. */
import { CytolensError } from '../core/errors.ts';
import { type ModelManifest, parseManifest } from './manifest.ts';

/** Reads one file of a model folder. Browsers fetch, Node reads the disk. */
export type ReadFile = (path: string, signal?: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;

export interface ModelFolder<M extends ModelManifest = ModelManifest> {
  manifest: M;
  /** SHA-256 of manifest.json itself: the identity of model, reference and thresholds together. */
  manifestSha256: string;
  read: ReadFile;
}

/** A reader over HTTP for files under `base` (an absolute URL that ends with a slash). */
export function httpReader(base: string): ReadFile {
  return async (path, signal) => {
    const url = new URL(path, base).href;
    let response: Response;
    try {
      response = await fetch(url, { signal });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new CytolensError(
        'network',
        'A model file could not be loaded: the server did not answer. Check the connection and try again.',
        `${url}: ${String(error)}`,
      );
    }
    if (!response.ok) {
      throw new CytolensError(
        'model',
        `The model file ${path} is not at this address (the server answered ${response.status}). An address of a model is that of the folder which holds manifest.json.`,
        url,
      );
    }
    return new Uint8Array(await response.arrayBuffer());
  };
}

/** A reader over the files of a folder that the user picked; they are told apart by name alone. */
export function fileReader(files: readonly File[]): ReadFile {
  return async (path) => {
    const file = files.find((f) => f.name === path);
    if (!file) {
      throw new CytolensError(
        'model',
        path === 'manifest.json'
          ? 'This folder has no manifest.json, so it is not a model folder. Choose the folder that training/export_encoder.py wrote.'
          : `The model folder has no file ${path}, which its manifest.json names. Export or copy it again.`,
      );
    }
    return new Uint8Array(await file.arrayBuffer());
  };
}

/** A reader of a subfolder of another reader. */
export function subfolder(read: ReadFile, name: string): ReadFile {
  return (path, signal) => read(`${name}/${path}`, signal);
}

export async function openFolder(
  read: ReadFile,
  where: string,
  signal?: AbortSignal,
): Promise<ModelFolder> {
  const bytes = await read('manifest.json', signal);
  return {
    manifest: parseManifest(parseJson(bytes, where), where),
    manifestSha256: await sha256(bytes),
    read,
  };
}

export function parseJson(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new CytolensError('model', `${where} is not valid JSON.`, String(error));
  }
}

/** Read a file and refuse it unless its SHA-256 is the promised one. */
export async function readVerified(
  folder: ModelFolder,
  path: string,
  expected: string,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await folder.read(path, signal);
  const found = await sha256(bytes);
  if (found !== expected) {
    throw new CytolensError(
      'model',
      `The file ${path} of the model "${folder.manifest.name}" is not the one its description promises, so it is not used. Load the model again, or ask whoever gave it to you for an unchanged copy.`,
      `SHA-256 ${found}, expected ${expected}`,
    );
  }
  return bytes;
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('');
}
