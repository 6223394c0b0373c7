/**
 * How far apart an encoder puts one and the same field on several scanners, beside how far apart
 * tiles of one slide and of different slides lie: cosine distances of the audited embedding.
 * `npx tsx bench/scanner-field.ts SCANNERS TILES OUT.json [ENCODER]`: a folder with a picture a
 * scanner, a folder of tiles named <slide>_<column>_<row>.
 */
import { writeFile } from 'node:fs/promises';
import { median } from 'd3-array';
import { type Embedder, embedderOf, embeddingOf } from '../src/audit/encoder/embedder.ts';
import { rowsOfNames } from '../src/audit/encoder/tile-table.ts';
import { openTile, pictureSlide, readTile } from '../src/audit/encoder/tiles.ts';
import { distancesFrom } from '../src/audit/neighbours.ts';
import { unitRows } from '../src/audit/rows.ts';
import { concat } from '../src/core/arrays.ts';
import { webBackend } from '../src/model/backend.web.ts';
import { openSession } from '../src/model/session.ts';
import { toOpaqueBytes } from '../src/slide/decode.ts';
import type { LocalFile } from '../src/slide/slide.ts';
import { sharpDecoder } from '../src/slide/testing/data.ts';
import { encoderFolder, filesOf } from './audit-tiles.ts';

/** Tiles looked at of each slide. */
const EACH = 20;

/** Pairs of embeddings, each once. */
function distances(rows: Float32Array, n: number, counts: (i: number, j: number) => boolean) {
  const found: number[] = [];
  for (let i = 0; i < n; i++) {
    const of = distancesFrom({ rows, n, dim: rows.length / n }, i);
    for (let j = 0; j < i; j++) if (counts(i, j)) found.push(of[j]);
  }
  return found;
}

async function embedded(files: readonly LocalFile[], embedder: Embedder): Promise<Float32Array> {
  const rows: Float32Array[] = [];
  for (const { path, file } of files) {
    const image = toOpaqueBytes(await sharpDecoder(new Uint8Array(await file.arrayBuffer())));
    const labels = { biology: '', centre: '', group: '' };
    const open = async () => pictureSlide(path, image);
    const tile = await openTile(
      { name: path, labels, open, middle: null, mpp: null },
      embedder.facts,
    );
    rows.push(embeddingOf(await embedder.embed(await readTile(tile, 1, embedder.facts.px))));
  }
  return unitRows(concat(Float32Array, rows), rows[0].length).rows;
}

const [scanners, tiles, out, id = 'encoder-tokens-3'] = process.argv.slice(2);
const session = await openSession(await encoderFolder(id), webBackend(null), ['wasm']);
const embedder = embedderOf(session);
const pictures = (await filesOf(scanners)).filter(({ path }) => /\.(png|jpe?g)$/i.test(path));
const field = distances(await embedded(pictures, embedder), pictures.length, () => true);

const named = await filesOf(tiles);
const seen = new Map<string, number>();
const some = rowsOfNames(named.map(({ path }) => path)).filter(({ labels: { group } }) => {
  seen.set(group, (seen.get(group) ?? 0) + 1);
  return (seen.get(group) ?? 0) <= EACH;
});
const files = some.flatMap((row) => named.find(({ path }) => path === row.file) ?? []);
const rows = await embedded(files, embedder);
const group = some.map(({ labels }) => labels.group);
const report = {
  scanners: pictures.map(({ path }) => path.replace(/\.\w+$/, '')),
  field: { median: median(field), least: Math.min(...field), most: Math.max(...field) },
  tiles: some.length,
  sameSlide: median(distances(rows, some.length, (i, j) => group[i] === group[j])),
  otherSlide: median(distances(rows, some.length, (i, j) => group[i] !== group[j])),
};
await writeFile(out, `${JSON.stringify(report, null, 1)}\n`);
console.log(report);
await session.release();
