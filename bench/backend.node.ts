/** The inference backend over native onnxruntime: what the browser is measured against. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { Backend } from '../src/model/backend.ts';
import type { ReadFile } from '../src/model/folder.ts';
import type { Tensor } from '../src/model/tensor.ts';

/** Runs the WASM files on the CPU provider with the given number of threads. */
export function nodeBackend(threads: number): Backend {
  return {
    providers: async () => ['wasm'],
    async create(bytes) {
      const session = await ort.InferenceSession.create(bytes, {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        graphOptimizationLevel: 'all',
      });
      return {
        async run(inputs) {
          const feeds = Object.fromEntries(
            Object.entries(inputs).map(([name, t]) => [
              name,
              new ort.Tensor('float32', t.data, t.dims),
            ]),
          );
          const results = await session.run(feeds);
          const outputs: Record<string, Tensor> = {};
          for (const [name, value] of Object.entries(results)) {
            outputs[name] = { dims: value.dims, data: value.data as Float32Array };
          }
          return outputs;
        },
        release: () => session.release(),
      };
    },
    describe: () => `onnxruntime-node, CPU, ${threads} threads`,
  };
}

/** Reads model folders under `folder` from disk. */
export function diskReader(folder: string): ReadFile {
  return async (path) => new Uint8Array(await readFile(join(folder, path)));
}
