import { beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from './backend.ts';
import { type ModelFolder, sha256 } from './folder.ts';
import { readsTokensOf } from './kit.ts';
import {
  type EncoderManifest,
  type HeadManifest,
  type Provider,
  parseManifest,
} from './manifest.ts';
import { relativeError } from './parity.ts';
import { openSession } from './session.ts';

const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text));
const floats = (values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

const FILES: Record<string, Uint8Array<ArrayBuffer>> = {
  'w.onnx': bytes('the wasm weights'),
  'g.onnx': bytes('the webgpu weights'),
  'in.bin': floats([1, 2, 3, 4]),
  'ref.f32': floats([10, 30]),
};

async function manifestJson() {
  const file = async (provider: Provider, path: string) => ({
    provider,
    dtype: 'int8',
    path,
    sha256: await sha256(FILES[path]),
    bytes: FILES[path].length,
    parity: { reference: 'ref.f32', tolerance: 0.01 },
  });
  return {
    schema: 'cytolens-model/1',
    id: 'test-head',
    name: 'Test head',
    role: 'head',
    version: '1.0.0',
    licence: 'MIT',
    card: 'card.md',
    outputs: { logit: 'logit', attention: 'a', contribution: 'c', class_share: 's' },
    files: [await file('wasm', 'w.onnx'), await file('webgpu', 'g.onnx')],
    parity: {
      inputs: [{ name: 'class_token', dtype: 'float32', shape: [1, 4], path: 'in.bin' }],
      outputs: [{ name: 'a', step: 2 }],
    },
    head: {
      tokens: 'tokens@1',
      dim: 4,
      count: 4,
      targetId: 't',
      variant: 'baseline',
      trust: 'weak',
      tissue: 'tests',
      target: 'T',
      label: 'Predicted T',
      negative: 'low',
      positive: 'high',
      bias: 0,
      temperature: 1,
      patients: 2,
      note: 'note',
    },
  };
}

/** A backend whose sessions multiply the input by `gain[provider]`. */
function multiplying(gain: Partial<Record<Provider, number>>) {
  const released: Provider[] = [];
  const backend: Backend = {
    providers: async () => ['webgpu', 'wasm'],
    async create(_, provider) {
      const by = gain[provider];
      if (by === undefined) throw new Error('no such device');
      return {
        run: async (inputs) => {
          const { data, dims } = inputs.class_token;
          const all = { dims, data: data.map((v) => v * by) };
          const one = { dims: [1], data: data.slice(0, 1) };
          return { logit: one, a: all, c: all, s: one };
        },
        release: async () => {
          released.push(provider);
        },
      };
    },
    describe: (provider) => `fake ${provider}`,
  };
  return { backend, released };
}

let folder: ModelFolder<HeadManifest>;
beforeAll(async () => {
  const manifest = parseManifest(await manifestJson(), 'test') as HeadManifest;
  folder = { manifest, manifestSha256: '', read: async (path) => FILES[path] };
});

describe('opening a model', () => {
  it('takes the first provider that reproduces the reference', async () => {
    const { backend } = multiplying({ webgpu: 10, wasm: 10 });
    const { status } = await openSession(folder, backend, ['webgpu', 'wasm']);
    expect(status.provider).toBe('webgpu');
    expect(status.parity).toMatchObject({ passed: true, error: 0 });
    expect(status.refused).toEqual([]);
  });

  it('falls back when a provider computes other numbers, says so, and gives its session back', async () => {
    const { backend, released } = multiplying({ webgpu: 10.5, wasm: 10.01 });
    const { status } = await openSession(folder, backend, ['webgpu', 'wasm']);
    expect(status.provider).toBe('wasm');
    expect(status.refused[0].provider).toBe('webgpu');
    expect(status.refused[0].reason).toContain('parity failed');
    expect(released).toEqual(['webgpu']);
  });

  it('gives no session when no provider passes', async () => {
    const { backend } = multiplying({ webgpu: Number.NaN, wasm: 0 });
    await expect(openSession(folder, backend, ['webgpu', 'wasm'])).rejects.toMatchObject({
      tag: 'parity',
    });
  });

  it('runs one call at a time, and says so when the model stops working', async () => {
    const { backend } = multiplying({ wasm: 10 });
    let inside = 0;
    let most = 0;
    let broken = false;
    const create: typeof backend.create = async (...args) => {
      const raw = await backend.create(...args);
      return {
        ...raw,
        async run(inputs) {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setTimeout(resolve, 2));
          inside--;
          if (broken) throw new Error('device lost');
          return raw.run(inputs);
        },
      };
    };
    const session = await openSession(folder, { ...backend, create }, ['wasm']);
    const input = { class_token: { dims: [2], data: Float32Array.of(1, 2) } };
    await Promise.all([session.run(input), session.run(input), session.run(input)]);
    expect(most).toBe(1);
    broken = true;
    await expect(session.run(input)).rejects.toMatchObject({
      tag: 'stopped',
      message: expect.stringContaining('Go on, and the models are started again'),
    });
    broken = false;
    await expect(session.run(input)).resolves.toBeDefined();
  });

  it('tries every file of a provider, in their order', async () => {
    const { backend } = multiplying({ webgpu: 10 });
    const [wasm, first] = folder.manifest.files;
    const lost = { ...first, parity: { reference: 'far.f32', tolerance: 0.01 } };
    const manifest = { ...folder.manifest, files: [wasm, lost, { ...first, dtype: 'float16' }] };
    const read = async (path: string) => (path === 'far.f32' ? floats([1, 3]) : FILES[path]);
    const { status } = await openSession({ ...folder, manifest, read }, backend, ['webgpu']);
    expect(status.dtype).toBe('float16');
    expect(status.refused).toHaveLength(1);
  });

  it('falls back when a provider cannot start', async () => {
    const { backend } = multiplying({ wasm: 10 });
    const { status } = await openSession(folder, backend, ['webgpu', 'wasm']);
    expect(status.provider).toBe('wasm');
  });

  it('refuses a file whose hash is not the promised one, with a sentence', async () => {
    const { backend } = multiplying({ wasm: 10 });
    const changed = { ...folder, read: async (path: string) => bytes(`${path} changed`) };
    const failure = openSession(changed, backend, ['wasm']);
    await expect(failure).rejects.toMatchObject({ tag: 'model' });
    await expect(failure).rejects.toThrow(/not the one its description promises/);
  });

  it('refuses outputs of another size than the manifest tells', async () => {
    const { backend } = multiplying({ wasm: 10 });
    const head = { ...folder.manifest.head, count: 5 };
    const other = { ...folder, manifest: { ...folder.manifest, head } };
    const failure = openSession(other, backend, ['wasm']);
    await expect(failure).rejects.toThrow(/has 4 numbers where its manifest.json tells 5/);
  });

  it('refuses a head whose file lacks the gate that its manifest names', async () => {
    const { backend } = multiplying({ wasm: 10 });
    const outputs = { ...folder.manifest.outputs, gate: 'g' };
    const other = { ...folder, manifest: { ...folder.manifest, outputs } };
    await expect(openSession(other, backend, ['wasm'])).rejects.toThrow(/has no output g/);
  });

  it('refuses outputs of another size than the reference', async () => {
    const { backend } = multiplying({ wasm: 10 });
    const short = {
      ...folder,
      read: async (path: string) => (path === 'ref.f32' ? floats([10, 30, 50]) : FILES[path]),
    };
    await expect(openSession(short, backend, ['wasm'])).rejects.toMatchObject({ tag: 'model' });
  });
});

describe('relative error', () => {
  it('compares every step-th value', () => {
    const x = Float32Array.from([1, 99, 2, 99, 3]);
    expect(relativeError(x, 2, Float32Array.from([1, 2, 3]))).toBe(0);
    expect(relativeError(x, 2, Float32Array.from([1, 2, 4]))).toBeCloseTo(1 / Math.sqrt(21), 6);
  });

  it('never lets NaN or a zero reference pass', () => {
    expect(relativeError(Float32Array.of(Number.NaN), 1, Float32Array.of(1)) <= 0.5).toBe(false);
    expect(relativeError(Float32Array.of(1), 1, Float32Array.of(0))).toBe(Infinity);
  });
});

describe('manifests', () => {
  it('names the member that is wrong', async () => {
    const json = await manifestJson();
    json.files[0].path = '../../outside.onnx';
    expect(() => parseManifest(json, 'models/x')).toThrow(/files\.0\.path/);
  });

  it('a head may tell its gate and how its fields are pooled, or neither', async () => {
    const json = await manifestJson();
    const parse = (gate: unknown, pooling: unknown) =>
      parseManifest(
        { ...json, outputs: { ...json.outputs, gate }, head: { ...json.head, pooling } },
        'models/x',
      ) as HeadManifest;
    const told = parse('g', 'attention');
    expect([told.outputs.gate, told.head.pooling]).toEqual(['g', 'attention']);
    expect([folder.manifest.outputs.gate, folder.manifest.head.pooling]).toEqual([
      undefined,
      undefined,
    ]);
    expect(() => parse('g', 'largest')).toThrow(/head\.pooling/);
  });

  it('a head reads the tokens it was trained on, and no others', () => {
    const encoder = (tokens: string) =>
      ({
        role: 'encoder',
        encoder: { dim: 4, grid: [2, 2], tokens },
      }) as unknown as EncoderManifest;
    expect(readsTokensOf(folder.manifest, encoder('tokens@1'))).toBe(true);
    expect(readsTokensOf(folder.manifest, encoder('other@1'))).toBe(false);
  });
});
