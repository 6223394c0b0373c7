/**
 * The one seam between Cytolens and an inference runtime. Browsers use onnxruntime-web
 * (backend.web.ts); benchmarks and Node tests pass a backend over onnxruntime-node.
 */
import type { Provider } from './manifest.ts';
import type { Tensor } from './tensor.ts';

export interface RawSession {
  /** Run once; inputs and outputs by the names in the ONNX file. Float outputs only. */
  run(inputs: Record<string, Tensor>): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/** Weights that an ONNX file names and does not hold (ONNX external data). */
export interface ExternalWeights {
  /** As the ONNX file names it. */
  path: string;
  data: Uint8Array;
}

export interface Backend {
  /** Providers this machine can try, best first. */
  providers(): Promise<Provider[]>;
  create(
    bytes: Uint8Array,
    provider: Provider,
    external: readonly ExternalWeights[],
  ): Promise<RawSession>;
  /** Name and version of the runtime, and its thread count: part of every provenance. */
  describe(provider: Provider): string;
}
