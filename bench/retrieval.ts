/**
 * The search for similar regions among a million tokens: its two stages against comparing every
 * field exactly, in one run. `npm run bench:retrieval`; the table is kept in docs/benchmarks.md. Given
 * the name of a file, it keeps there what the encoder saw, and the next run begins with that.
 */
import { existsSync, openAsBlob, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { MIN_SHARPNESS, sharpness } from '../src/analysis/focus.ts';
import type { FieldTokens } from '../src/analysis/ledger.ts';
import { Codebook } from '../src/audit/retrieval/codebook.ts';
import { TokenIndex, thinned } from '../src/audit/retrieval/token-index.ts';
import { findSimilar } from '../src/audit/retrieval/two-stage.ts';
import { maxSim } from '../src/audit/retrieval.ts';
import { unitRows } from '../src/audit/rows.ts';
import { concat } from '../src/core/arrays.ts';
import { decodeFloat16, encodeFloat16 } from '../src/core/float16.ts';
import { mulberry32 } from '../src/core/random.ts';
import { ModelLibrary } from '../src/model/library.ts';
import { openSession } from '../src/model/session.ts';
import { toTensor } from '../src/model/tensor.ts';
import { openSlide } from '../src/slide/formats.ts';
import { readRegion } from '../src/slide/region.ts';
import type { RgbaImage } from '../src/slide/slide.ts';
import { dataFile, sharpDecoder } from '../src/slide/testing/data.ts';
import { diskReader, nodeBackend } from './backend.node.ts';

const SLIDES = ['slides/lung-squamous-gt450.szi', 'slides/duodenum-giardia-at2.szi'];
/** um/px where the file does not say. */
const MPP = 0.263018;
/** Fields of each slide that the encoder sees. */
const SEEN = 512;
const TOKENS = 1_000_000;
const QUERIES = 4;
const BEST = 10;
const SHORTLISTS = [96, 144, 192];

/** Fields as they lie on disk: a class token, then patch tokens, halves. */
interface Fields {
  dim: number;
  halves: Uint16Array[];
}

async function seen(file: string | undefined): Promise<Fields> {
  const library = await ModelLibrary.open(diskReader('models'));
  const { encoder } = library.kitFor(library.firstHead);
  const { dim, grid } = encoder.manifest.encoder;
  if (file && existsSync(file)) {
    const bytes = readFileSync(file);
    const all = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
    const size = (1 + grid[0] * grid[1]) * dim;
    const count = all.length / size;
    return {
      dim,
      halves: Array.from({ length: count }, (_, i) => all.slice(i * size, (i + 1) * size)),
    };
  }
  const session = await openSession(encoder, nodeBackend(2), ['wasm']);
  const { px, mpp, mean, std, name } = session.manifest.input;
  const { outputs } = session.manifest;
  const halves: Uint16Array[] = [];
  for (const path of SLIDES) {
    const found = dataFile(path);
    if (!found) continue;
    const source = { kind: 'file', file: new File([await openAsBlob(found)], path) } as const;
    const slide = await openSlide(source, { decode: sharpDecoder });
    const side = (px * mpp) / (slide.info.mpp ?? MPP);
    const { width, height } = slide.info;
    let left = SEEN;
    for (let y = 0; y + side <= height && left > 0; y += side) {
      for (let x = 0; x + side <= width && left > 0; x += side) {
        const image = await readRegion(slide, { x, y, w: side, h: side }, px, px);
        if (!isTissue(image) || sharpness(image, mpp) < MIN_SHARPNESS) continue;
        const said = await session.run({ [name]: toTensor(image, mean, std) });
        const tokens = [outputs.class_token, outputs.patch_tokens].map((key) => said[key].data);
        halves.push(encodeFloat16(concat(Float32Array, tokens)));
        left--;
      }
    }
    slide.close();
  }
  await session.release();
  if (file) writeFileSync(file, concat(Uint16Array, halves));
  return { dim, halves };
}

/** A third of it is coloured. */
function isTissue({ data }: RgbaImage): boolean {
  let coloured = 0;
  for (let i = 0; i < data.length; i += 4) {
    const rgb = [data[i], data[i + 1], data[i + 2]];
    if (Math.max(...rgb) - Math.min(...rgb) > 24) coloured++;
  }
  return coloured > data.length / 4 / 3;
}

/** Further fields: those there are, each token mixed with a fifth of a token of another field. */
function multiplied({ dim, halves }: Fields, tokens: number): Fields {
  const random = mulberry32(1);
  const own = halves.map(decodeFloat16);
  const wanted = Math.ceil(tokens / (own[0].length / dim - 1));
  const all = [...halves];
  while (all.length < wanted) {
    const field = own[all.length % own.length].slice();
    for (let at = 0; at < field.length; at += dim) {
      const other = own[Math.floor(random() * own.length)];
      const from = Math.floor((random() * other.length) / dim) * dim;
      for (let d = 0; d < dim; d++) field[at + d] += 0.2 * other[from + d];
    }
    all.push(encodeFloat16(field));
  }
  return { dim, halves: all };
}

function tokensOf({ dim, halves }: Fields, field: number): FieldTokens {
  const values = decodeFloat16(halves[field]);
  return { classToken: values.slice(0, dim), patchTokens: values.slice(dim) };
}

const real = await seen(process.argv[2]);
const fields = multiplied(real, TOKENS);
const { dim } = fields;
const count = fields.halves.length;
const perField = fields.halves[0].length / dim - 1;

let start = processorMs();
const sample = Array.from({ length: 256 }, (_, i) => {
  const { patchTokens } = tokensOf(fields, Math.floor((i * count) / 256));
  return thinned(unitRows(patchTokens, dim), 32).rows;
});
const learned = unitRows(concat(Float32Array, sample), dim);
const index = new TokenIndex(Codebook.learn(learned));
const learnMs = processorMs() - start;
start = processorMs();
for (let field = 0; field < count; field++) index.add(tokensOf(fields, field));
const indexMs = (processorMs() - start) / count;

const queries = Array.from({ length: QUERIES }, (_, i) =>
  Math.floor(((i + 0.5) * real.halves.length) / QUERIES),
);
const ms = {
  whole: [] as number[],
  first: [] as number[],
  two: SHORTLISTS.map(() => [] as number[]),
};
const recall = SHORTLISTS.map(() => 0);
for (const asked of queries) {
  const { classToken, patchTokens } = tokensOf(fields, asked);
  const query = {
    classToken: unitRows(classToken, dim).rows,
    tokens: unitRows(patchTokens, dim),
  };
  const allowed = (field: number) => field !== asked;
  const place = { index, tokensOf: async (field: number) => tokensOf(fields, field), allowed };
  start = processorMs();
  index.estimate(query);
  ms.first.push(processorMs() - start);
  const found: Set<number>[] = [];
  for (const [i, shortlist] of SHORTLISTS.entries()) {
    start = processorMs();
    const { byTokens } = await findSimilar(query, [place], BEST, shortlist);
    ms.two[i].push(processorMs() - start);
    found.push(new Set(byTokens.map(({ field }) => field)));
  }
  start = processorMs();
  const exact: { field: number; score: number }[] = [];
  for (let field = 0; field < count; field++) {
    if (!allowed(field)) continue;
    const { score } = maxSim(query.tokens, unitRows(tokensOf(fields, field).patchTokens, dim));
    exact.push({ field, score });
  }
  ms.whole.push(processorMs() - start);
  exact.sort((a, b) => b.score - a.score);
  found.forEach((set, i) => {
    const hits = exact.slice(0, BEST).filter(({ field }) => set.has(field)).length;
    recall[i] += hits / BEST / QUERIES;
  });
}

/** Of this process alone: other programs on the machine change little of it. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
console.log(
  `\n${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model}, Node ${process.version}`,
);
console.log(
  `${count} fields of ${perField} tokens (${real.halves.length} seen, the rest mixed of them), ${QUERIES} queries; codebook ${learnMs.toFixed(0)} ms, ${indexMs.toFixed(1)} ms a field taken in\n`,
);
console.log(
  '| search | processor ms, median | to all exactly | recall@10 |\n| --- | --- | --- | --- |',
);
const row = (name: string, time: number, hit: string) =>
  console.log(
    `| ${name} | ${time.toFixed(0)} | ${(time / median(ms.whole)).toFixed(4)} | ${hit} |`,
  );
row('every field exactly', median(ms.whole), '1');
SHORTLISTS.forEach((shortlist, i) => {
  row(`two stages, shortlist ${shortlist}`, median(ms.two[i]), recall[i].toFixed(3));
});
row('of these the first stage', median(ms.first), '');
