/**
 * Everything that can be known of an added model before it runs: its files are there and are the
 * ones promised, small enough for this browser, and written for operators it knows. Shapes and
 * numbers are proved by the parity run that follows (session.ts).
 */
import { CytolensError } from '../core/errors.ts';
import { type ModelFolder, readVerified } from './folder.ts';
import { type ModelFile, weightBytes } from './manifest.ts';
import { operatorSets } from './onnx-header.ts';

/** The newest standard operator set that the runtime in use knows. */
const MAX_OPSET = 23;
/** WebAssembly addresses 4 GB, and starting a session takes a second copy of the weights. */
const MAX_WASM_BYTES = 1.6e9;
/** No browser holds an ArrayBuffer much larger; larger weights come as several external files. */
const MAX_FILE_BYTES = 2e9;

/** Throws `model` with a sentence that says what to do. Reads every weight file once. */
export async function checkFolder(folder: ModelFolder, signal?: AbortSignal): Promise<void> {
  const { manifest } = folder;
  for (const file of manifest.files) {
    checkSize(manifest.name, file);
    const bytes = await readVerified(folder, file.path, file.sha256, signal);
    checkOperators(manifest.name, file.path, bytes);
    for (const part of file.external ?? []) {
      await readVerified(folder, part.path, part.sha256, signal);
    }
  }
  if (manifest.role === 'alignment') {
    const { vocabulary, library, spectrum } = manifest.alignment;
    for (const part of [vocabulary, library, spectrum]) {
      await readVerified(folder, part.path, part.sha256, signal);
    }
  }
  if (manifest.role === 'encoder') {
    const { px } = manifest.input;
    const { grid } = manifest.encoder;
    if (grid[0] !== grid[1] || px % grid[0] !== 0) {
      throw new CytolensError(
        'model',
        `The encoder "${manifest.name}" says it makes ${grid[0]} x ${grid[1]} tokens of a ${px} px field, which does not divide evenly. Correct grid or input.px in its manifest.json.`,
      );
    }
  }
}

function checkSize(name: string, file: ModelFile): void {
  const parts = [file, ...(file.external ?? [])];
  const total = weightBytes(file);
  const large = parts.find((part) => part.bytes > MAX_FILE_BYTES);
  if (large) {
    throw new CytolensError(
      'model',
      `The file ${large.path} of "${name}" has ${gigabytes(large.bytes)}; a browser can hold ${gigabytes(MAX_FILE_BYTES)} in one piece. Export it again with its weights split.`,
    );
  }
  if (file.provider === 'wasm' && total > MAX_WASM_BYTES) {
    throw new CytolensError(
      'model',
      `The WASM file of "${name}" has ${gigabytes(total)} of weights; without a GPU a browser can run about ${gigabytes(MAX_WASM_BYTES)}. Export it as int8, or leave the WASM file out and use a GPU.`,
    );
  }
}

function checkOperators(name: string, path: string, bytes: Uint8Array): void {
  for (const { domain, version } of operatorSets(bytes)) {
    if (domain === '' && version > MAX_OPSET) {
      throw new CytolensError(
        'model',
        `The file ${path} of "${name}" is written for ONNX operator set ${version}; this viewer knows ${MAX_OPSET}. Export it again with opset ${MAX_OPSET} or lower (18 is a good choice).`,
      );
    }
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
