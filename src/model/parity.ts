/**
 * The parity check: a session must reproduce, on this machine, the numbers stored beside its
 * file. Quantized models on WebGPU can be silently wrong; nothing is drawn from one that is.
 */
import { CytolensError } from '../core/errors.ts';
import type { RawSession } from './backend.ts';
import type { ModelFolder } from './folder.ts';
import type { ModelFile, ModelManifest } from './manifest.ts';
import { rgbToImage, type Tensor, toTensor } from './tensor.ts';

export interface ParityReport {
  passed: boolean;
  /** Largest relative RMS error over the outputs: rms(x - reference) / rms(reference). */
  error: number;
  tolerance: number;
  outputs: { name: string; error: number }[];
}

/** Run the stored input and compare with the stored reference of this very file. */
export async function checkParity(
  folder: ModelFolder,
  file: ModelFile,
  session: RawSession,
  signal?: AbortSignal,
): Promise<ParityReport> {
  const inputs = await parityInputs(folder, signal);
  const bytes = await folder.read(file.parity.reference, signal);
  const reference = floats(bytes, file.parity.reference);
  const results = await session.run(inputs);
  checkShapes(folder.manifest, results);
  const outputs: { name: string; error: number }[] = [];
  let offset = 0;
  for (const { name, step } of folder.manifest.parity.outputs) {
    const tensor = results[name];
    if (!tensor) {
      throw new CytolensError(
        'model',
        `The model "${folder.manifest.name}" has no output ${name}.`,
      );
    }
    const length = Math.ceil(tensor.data.length / step);
    outputs.push({
      name,
      error: relativeError(tensor.data, step, reference.subarray(offset, offset + length)),
    });
    offset += length;
  }
  if (offset !== reference.length) {
    throw new CytolensError(
      'model',
      `The model "${folder.manifest.name}" gives outputs of other sizes than its reference.`,
      `${offset} values, reference ${reference.length}`,
    );
  }
  const error = Math.max(...outputs.map((o) => o.error));
  const { tolerance } = file.parity;
  // NaN must fail, so the comparison is written the way round that NaN does not pass.
  return { passed: error <= tolerance, error, tolerance, outputs };
}

/** Whether every output is of the size the manifest tells; throws `model` when one is not. */
function checkShapes(manifest: ModelManifest, results: Record<string, Tensor>): void {
  for (const [output, length] of Object.entries(lengthsOf(manifest))) {
    const found = results[output]?.data.length;
    if (found === length) continue;
    throw new CytolensError(
      'model',
      found === undefined
        ? `The model "${manifest.name}" has no output ${output}. Its manifest.json should name the outputs as the ONNX file does.`
        : `The output ${output} of "${manifest.name}" has ${found} numbers where its manifest.json tells ${length}. Correct the manifest, or export the model again.`,
    );
  }
}

/** Numbers in each output for one field, as far as the manifest tells them. */
function lengthsOf(manifest: ModelManifest): Record<string, number> {
  if (manifest.role === 'segmenter') return {};
  if (manifest.role === 'head') {
    const { logit, attention, contribution, class_share, gate } = manifest.outputs;
    const { count } = manifest.head;
    const lengths = { [logit]: 1, [attention]: count, [contribution]: count, [class_share]: 1 };
    return gate ? { ...lengths, [gate]: 1 } : lengths;
  }
  if (manifest.role === 'alignment') {
    const { width, vocabulary, expression } = manifest.alignment;
    // The network for samples of one's own, started under the same manifest with its own files.
    if (manifest.files === expression?.files) return { [expression.outputs.r]: width };
    return { [manifest.outputs.u]: width, [manifest.outputs.expression]: vocabulary.genes };
  }
  const { dim, grid } = manifest.encoder;
  const { class_token, patch_tokens } = manifest.outputs;
  return { [class_token]: dim, [patch_tokens]: dim * grid[0] * grid[1] };
}

/** rms(x - ref) / rms(ref) over every step-th value of x. NaN anywhere gives NaN or Infinity. */
export function relativeError(x: Float32Array, step: number, reference: Float32Array): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < reference.length; i++) {
    const d = x[i * step] - reference[i];
    difference += d * d;
    norm += reference[i] * reference[i];
  }
  if (norm === 0) return difference === 0 ? 0 : Infinity;
  return Math.sqrt(difference / norm);
}

async function parityInputs(
  folder: ModelFolder,
  signal?: AbortSignal,
): Promise<Record<string, Tensor>> {
  const { manifest } = folder;
  const inputs: Record<string, Tensor> = {};
  for (const input of manifest.parity.inputs) {
    const stored = await folder.read(input.path, signal);
    const bytes = input.encoding === 'deflate' ? await inflate(stored) : stored;
    if (input.dtype === 'float32') {
      inputs[input.name] = { dims: input.shape, data: floats(bytes, input.path) };
    } else {
      if (manifest.role === 'head' || manifest.role === 'alignment') {
        throw new CytolensError('model', `The model "${manifest.name}" cannot take a picture.`);
      }
      const [height, width] = input.shape;
      const { mean, std } = manifest.input;
      inputs[input.name] = toTensor(rgbToImage(bytes, width, height), mean, std);
    }
  }
  return inputs;
}

function floats(bytes: Uint8Array<ArrayBuffer>, name: string): Float32Array {
  if (bytes.byteLength % 4 !== 0) {
    throw new CytolensError('model', `The reference file ${name} is damaged: its length is odd.`);
  }
  return new Float32Array(bytes.slice().buffer);
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
