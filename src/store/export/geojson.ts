/**
 * GeoJSON as QuPath 0.4 and later read it: a detection a cell with classification and
 * measurements (PathObjectTypeAdapter of qupath.lib.io). Coordinates are level-0 px to 1/100 px.
 */
import { type CellTable, outline, RAYS } from '../../core/cells.ts';
import { typeColours } from '../../core/palette.ts';
import { MEASUREMENTS } from '../measurements.ts';
import { type ExportInput, type Parts, rowRanges } from './source.ts';
import { ByteText, utf8 } from './text.ts';

const OPEN = utf8('{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[');
const PAIR = utf8('[');
const COMMA = utf8(',');
const NEXT_PAIR = utf8('],[');
const CLOSE = utf8(']]]},"properties":{"objectType":"detection","classification":');
const VALUES = utf8(',"measurements":{');
const END = utf8('}}}');
const SEPARATOR = utf8(',\n');

/**
 * A closed ring of 32 corners a cell. Provenance stands in the member `cytolens` of the
 * collection, which GeoJSON allows and QuPath passes over (RFC 7946, section 6.1). A value that is
 * no number is left out. Throws `cancelled`.
 */
export async function* geoJsonParts(input: ExportInput, signal?: AbortSignal): Parts {
  const { cells, provenance } = input;
  const classes = classifications(input.types);
  const text = new ByteText();
  const head = JSON.stringify({ type: 'FeatureCollection', cytolens: provenance }).slice(0, -1);
  text.text(`${head},"features":[`);
  const points = new Float64Array(2 * RAYS);
  for await (const { from, to } of rowRanges(cells.count, signal)) {
    for (let i = from; i < to; i++) {
      if (i > 0) text.raw(SEPARATOR);
      text.raw(OPEN);
      writeRing(text, outline(cells, i, points));
      text.raw(CLOSE);
      text.raw(classes[cells.type[i]]);
      text.raw(VALUES);
      writeMeasurements(text, cells, i);
      text.raw(END);
    }
    yield { bytes: text.take(), done: to };
  }
  text.text(']}');
  yield { bytes: text.take(), done: cells.count };
}

function classifications(types: readonly string[]): Uint8Array[] {
  const colours = typeColours(types);
  return types.map((name, i) => utf8(JSON.stringify({ name, color: colours[i] })));
}

function writeRing(text: ByteText, points: Float64Array): void {
  for (let k = 0; k <= RAYS; k++) {
    const at = 2 * (k % RAYS);
    text.raw(k === 0 ? PAIR : NEXT_PAIR);
    text.fixed(points[at], 2);
    text.raw(COMMA);
    text.fixed(points[at + 1], 2);
  }
}

const NAMES = MEASUREMENTS.map(({ name }) => utf8(`${JSON.stringify(name)}:`));

function writeMeasurements(text: ByteText, cells: CellTable, index: number): void {
  let written = 0;
  MEASUREMENTS.forEach(({ read, digits }, column) => {
    const value = read(cells, index);
    if (!Number.isFinite(value)) return;
    if (written++ > 0) text.raw(COMMA);
    text.raw(NAMES[column]);
    if (digits === null) text.float(value);
    else text.fixed(value, digits);
  });
}
