/**
 * onnxruntime-web in a worker. Two builds, loaded only when used: `/webgpu` (native WebGPU
 * provider) and `/wasm` (smaller, warm after two runs). Their .mjs and .wasm lie beside the app
 * under `ort/` instead of inside our bundle: a worker that contains ort starts its threads from
 * its own script, whose message handler displaces theirs, and session creation never ends.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web';
import type { Backend, RawSession } from './backend.ts';
import type { Provider } from './manifest.ts';
import type { Tensor } from './tensor.ts';

type Ort = typeof import('onnxruntime-web/wasm');

/**
 * Two sessions of one thread each do 1.3 times the work of one session with two threads on two cores
 * (docs/benchmarks.md), so the cores are shared out to lanes (analysis/lane.ts), not to threads.
 */
const THREADS = 1;

/**
 * `base`: absolute URL of the app's root, ending with a slash, beside which the runtime lies; null
 * where it finds its own files (Node).
 */
export function webBackend(base: string | null): Backend {
  const loaded = new Map<Provider, Promise<Ort>>();

  async function load(provider: Provider): Promise<Ort> {
    const ort: Ort =
      provider === 'webgpu'
        ? await import('onnxruntime-web/webgpu')
        : await import('onnxruntime-web/wasm');
    if (base !== null) ort.env.wasm.wasmPaths = new URL('ort/', base).href;
    ort.env.wasm.numThreads = THREADS;
    ort.env.logLevel = 'error';
    return ort;
  }

  const ortFor = (provider: Provider): Promise<Ort> => {
    const known = loaded.get(provider);
    if (known) return known;
    const fresh = load(provider);
    loaded.set(provider, fresh);
    return fresh;
  };

  return {
    async providers() {
      return (await hasAdapter()) ? ['webgpu', 'wasm'] : ['wasm'];
    },
    async create(bytes, provider, external) {
      const ort = await ortFor(provider);
      const session = await ort.InferenceSession.create(bytes, {
        executionProviders: [provider],
        graphOptimizationLevel: 'all',
        externalData: [...external],
        // int8 weights mean float arithmetic; by default the runtime would round activations too.
        extra: { session: { qdq_matmulnbits_accuracy_level: '1' } },
      });
      return wrap(ort, session);
    },
    describe: (provider) =>
      provider === 'wasm' ? 'onnxruntime-web, WebAssembly' : 'onnxruntime-web, WebGPU',
  };
}

/** WebGPU exists in many browsers without an adapter behind it; only asking tells. */
async function hasAdapter(): Promise<boolean> {
  if (!('gpu' in navigator)) return false;
  try {
    return (await (navigator.gpu as GpuLike).requestAdapter()) !== null;
  } catch {
    return false;
  }
}

/** The one call of the WebGPU API that is needed here; its types are not in TypeScript's DOM. */
interface GpuLike {
  requestAdapter(): Promise<object | null>;
}

function wrap(ort: Ort, session: InferenceSession): RawSession {
  return {
    async run(inputs) {
      const feeds: Record<string, OrtTensor> = {};
      for (const [name, tensor] of Object.entries(inputs)) {
        feeds[name] = new ort.Tensor('float32', tensor.data, tensor.dims);
      }
      const results = await session.run(feeds);
      const outputs: Record<string, Tensor> = {};
      for (const [name, value] of Object.entries(results)) {
        outputs[name] = { dims: value.dims, data: (await value.getData()) as Float32Array };
      }
      return outputs;
    },
    release: () => session.release(),
  };
}
