/** Attributes in the DICOM JSON model (PS3.18, F), as DICOMweb services answer them. */
import { isRecord } from '../../core/json-stream.ts';
import type { Bytes } from '../bytes.ts';
import { type Bulk, DataSet, KINDS, Tag, type Value } from './dataset.ts';
import { damaged } from './header.ts';
import { type FramePlaces, placesOf } from './image.ts';

const MAX_DEPTH = 16;

/** Makes a reader of an address that stands in place of a long value; null when it is not to be asked. */
export type BulkAt = (address: string) => Bulk | null;

/**
 * What is of use of one object of an answer, and the places of its frames. Throws `format` where it
 * is no object, or is nested without end.
 */
export function fromJson(
  json: unknown,
  bulkAt: BulkAt,
): { attributes: DataSet; places: FramePlaces | null } {
  const attributes = dataSet(json, bulkAt, 0);
  const wanted = placesOf(attributes);
  if (wanted && isRecord(json)) {
    const groups = valuesOf(json[hex(Tag.PerFrameFunctionalGroupsSequence)]);
    for (const group of groups) wanted.visit(dataSet(group, bulkAt, 1));
  }
  return { attributes, places: wanted?.places ?? null };
}

function dataSet(json: unknown, bulkAt: BulkAt, depth: number): DataSet {
  if (!isRecord(json) || depth > MAX_DEPTH) throw damaged('DICOM JSON of another shape');
  const set = new DataSet();
  for (const [tag, kind] of KINDS) {
    const attribute = json[hex(tag)];
    if (!isRecord(attribute) || tag === Tag.PerFrameFunctionalGroupsSequence) continue;
    if (kind === 'sq') {
      const items = valuesOf(attribute).map((item) => dataSet(item, bulkAt, depth + 1));
      set.set(tag, { kind: 'items', items });
    } else if (kind === 'bulk') {
      const bulk = bulkOf(attribute, bulkAt);
      if (bulk) set.set(tag, { kind: 'bulk', bulk });
    } else set.set(tag, plain(valuesOf(attribute), kind));
  }
  return set;
}

/** Names of persons are objects; none is kept, so whatever is no text or number becomes empty. */
function plain(values: readonly unknown[], kind: string): Value {
  const texts = values.map((value) =>
    typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '',
  );
  if (kind === 'text') return { kind: 'text', texts };
  return { kind: 'numbers', numbers: texts.map((text) => (text ? Number(text) : Number.NaN)) };
}

function bulkOf(attribute: Record<string, unknown>, bulkAt: BulkAt): Bulk | null {
  const { InlineBinary: inline, BulkDataURI: address } = attribute;
  if (typeof inline === 'string') return async () => fromBase64(inline);
  return typeof address === 'string' ? bulkAt(address) : null;
}

function fromBase64(text: string): Bytes {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw damaged('base64 that is none');
  }
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function valuesOf(attribute: unknown): readonly unknown[] {
  return isRecord(attribute) && Array.isArray(attribute.Value) ? attribute.Value : [];
}

/** How a tag is written as a key: eight upper-case hex digits. */
function hex(tag: number): string {
  return tag.toString(16).padStart(8, '0').toUpperCase();
}
