import { describe, expect, it } from 'vitest';
import { fileReader, type ReadFile, sha256 } from './folder.ts';
import { ModelLibrary } from './library.ts';
import { operatorSets } from './onnx-header.ts';

const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text));

/** The smallest ONNX file that tells its operator set: field 8 { version } after an empty graph. */
function onnx(opset: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0x08, 8, 0x3a, 0, 0x42, 2, 0x10, opset]);
}

const parity = {
  inputs: [{ name: 'x', dtype: 'float32', shape: [1, 4], path: 'in.bin' }],
  outputs: [{ name: 'x', step: 1 }],
};
const rgb = [0.5, 0.5, 0.5];
const input = { name: 'image', px: 224, mpp: 0.5, layout: 'NCHW', mean: rgb, std: rgb };

type Json = Record<string, unknown>;

/** A model folder as path -> bytes. */
async function folder(id: string, part: Json, weights = onnx(18)) {
  const file = {
    provider: 'wasm',
    dtype: 'float32',
    path: 'm.onnx',
    sha256: await sha256(weights),
    bytes: weights.length,
    parity: { reference: 'r.f32', tolerance: 0.01 },
  };
  const manifest = {
    schema: 'cytolens-model/1',
    id,
    name: `Model ${id}`,
    version: '1.0.0',
    licence: 'MIT',
    card: 'card.md',
    files: [file],
    parity,
    ...part,
  };
  return { 'manifest.json': bytes(JSON.stringify(manifest)), 'm.onnx': weights };
}

const segmenter: Json = {
  role: 'segmenter',
  input,
  outputs: { prob: 'p', dist: 'd', type: 't' },
  segmenter: { stride: 4, rays: 32, types: ['a'], probThreshold: 0.5, nmsIou: 0.1 },
};
const encoder = (tokens: string, grid = [14, 14]): Json => ({
  role: 'encoder',
  input,
  outputs: { class_token: 'c', patch_tokens: 'p' },
  encoder: { dim: 8, grid, tokens },
});
const head = (tokens: string, targetId: string, variant: string): Json => ({
  role: 'head',
  outputs: { logit: 'l', attention: 'a', contribution: 'k', class_share: 's' },
  head: {
    tokens,
    dim: 8,
    count: 196,
    targetId,
    variant,
    target: targetId,
    label: `Predicted ${targetId}`,
    negative: 'low',
    positive: 'high',
    bias: 0,
    temperature: 1,
    patients: 2,
    trust: 'weak',
    tissue: 'tests',
    note: '',
  },
});

const data = { path: 'd.bin', sha256: '0'.repeat(64), bytes: 1 };
const alignment = (tokens: string): Json => ({
  role: 'alignment',
  outputs: { u: 'u', expression: 'x' },
  alignment: {
    tokens,
    dim: 8,
    embedding: ['class', 'patch_mean'],
    width: 2,
    trained: ['C'],
    tested: ['B'],
    tissue: 'tests',
    note: '',
    scale: 10_000,
    alpha: 0.25,
    knn: { k: 3, tau: 0.1 },
    far: 0.5,
    vocabulary: { ...data, genes: 4 },
    library: { ...data, prototypes: 2, patients: ['A'], spots: 9 },
    spectrum: data,
  },
});

type Files = Record<string, Uint8Array<ArrayBuffer>>;
const reader = (files: Files): ReadFile => {
  return async (path) => {
    if (files[path]) return files[path];
    throw new Error(`no ${path}`);
  };
};

async function library(more: [string, Json][] = []): Promise<ModelLibrary> {
  const alignments = more.map(([id]) => id);
  const index = { segmenter: 's', encoder: 'e', heads: ['h', 'h-robust'], alignments };
  const files: Files = { 'index.json': bytes(JSON.stringify(index)) };
  const parts: [string, Json][] = [
    ['s', segmenter],
    ['e', encoder('t@1')],
    ['h', head('t@1', 'her2', 'baseline')],
    ['h-robust', head('t@1', 'her2', 'robust')],
    ...more,
  ];
  for (const [id, part] of parts) {
    for (const [name, data] of Object.entries(await folder(id, part)))
      files[`${id}/${name}`] = data;
  }
  return ModelLibrary.open(reader(files));
}

describe('the model library', () => {
  it('gives a head its encoder and its other variant', async () => {
    const kit = (await library()).kitFor('h-robust');
    expect(kit.encoder.manifest.id).toBe('e');
    expect(kit.partner?.manifest.id).toBe('h');
  });

  it('finds the alignment that reads the tokens in use, and keeps it out of kits', async () => {
    const models = await library([
      ['other', alignment('u@1')],
      ['genes', alignment('t@1')],
    ]);
    const { encoder: used } = models.kitFor('h');
    expect(models.alignmentFor(used.manifest)?.folder.manifest.id).toBe('genes');
    expect(models.heads().map(({ folder: f }) => f.manifest.id)).toEqual(['h', 'h-robust']);
    expect((await library()).alignmentFor(used.manifest)).toBeNull();
  });

  it('refuses an alignment whose library is changed', async () => {
    const files = { ...(await folder('mine', alignment('t@1'))), 'd.bin': bytes('changed') };
    await expect((await library()).add(reader(files), 'x')).rejects.toThrow(/not the one/);
  });

  it("takes the user's encoder, then a head for it; removing the encoder strands the head", async () => {
    const models = await library();
    await models.add(reader(await folder('mine', encoder('u@1'))), 'my folder');
    await models.add(reader(await folder('mine-head', head('u@1', 'x', 'baseline'))), 'my folder');
    expect(models.kitFor('mine-head').encoder.manifest.id).toBe('mine');
    expect(models.kitFor('mine-head').partner).toBeNull();
    models.remove('mine');
    expect(() => models.kitFor('mine-head')).toThrow(/trained on the tokens of another encoder/);
  });

  it('finds an encoder by its id, and says so where it is none', async () => {
    const models = await library();
    const { id } = models.kitFor('h').encoder.manifest;
    expect(models.encoder(id).manifest.role).toBe('encoder');
    expect(() => models.encoder('h')).toThrow('There is no encoder called h here');
  });

  it('refuses a head made for tokens that nobody here gives, and names the encoders', async () => {
    const models = await library();
    const lone = folder('lone', head('u@1', 'x', 'baseline'));
    await expect(models.add(reader(await lone), 'x')).rejects.toThrow(/Model e.*Add the encoder/);
    expect(models.all()).toHaveLength(4);
  });

  it('refuses changed weights, missing files and the names of its own models', async () => {
    const models = await library();
    const good = await folder('mine', encoder('u@1'));
    const changed = { ...good, 'm.onnx': onnx(17) };
    await expect(models.add(reader(changed), 'x')).rejects.toThrow(/not the one its description/);
    const named = folder('e', encoder('u@1'));
    await expect(models.add(reader(await named), 'x')).rejects.toThrow(/another id/);
    const empty = fileReader([new File(['x'], 'notes.txt')]);
    await expect(models.add(empty, 'x')).rejects.toThrow(/no manifest.json/);
    const half = fileReader([new File([good['manifest.json']], 'manifest.json')]);
    await expect(models.add(half, 'x')).rejects.toThrow(/no file m.onnx/);
  });

  it('refuses operators of a future set, weights that are no ONNX, and grids that do not fit', async () => {
    const models = await library();
    const add = async (part: Json, weights?: Uint8Array<ArrayBuffer>) =>
      models.add(reader(await folder('mine', part, weights)), 'x');
    await expect(add(encoder('u@1'), onnx(99))).rejects.toThrow(/operator set 99/);
    await expect(add(encoder('u@1'), bytes('not a model'))).rejects.toThrow(/not a whole ONNX/);
    await expect(add(encoder('u@1', [15, 15]))).rejects.toThrow(/does not divide evenly/);
    await expect(add(segmenter)).rejects.toThrow(/its segmenter stays/);
    expect(models.all()).toHaveLength(4);
  });

  it('keeps the former model of an id when the new one does not prove itself', async () => {
    const models = await library();
    const first = await models.add(reader(await folder('mine', encoder('u@1'))), 'first');
    const fails = () => Promise.reject(new Error('other numbers'));
    const second = reader(await folder('mine', encoder('u@2')));
    await expect(models.add(second, 'second', undefined, fails)).rejects.toThrow('other numbers');
    expect(models.all()).toContain(first);
    expect(models.all()).toHaveLength(5);
  });

  it('keeps its own models', async () => {
    const models = await library();
    expect(() => models.remove('h')).toThrow(/stays/);
  });
});

describe('the header of an ONNX file', () => {
  it('tells domain and version, and does not trust a file that is cut short', () => {
    const named = new Uint8Array([0x42, 6, 0x0a, 2, 0x61, 0x69, 0x10, 3]);
    expect(operatorSets(named)).toEqual([{ domain: 'ai', version: 3 }]);
    expect(() => operatorSets(named.subarray(0, 6))).toThrow(/not a whole ONNX/);
    expect(() => operatorSets(new Uint8Array())).toThrow(/not a whole ONNX/);
  });
});
