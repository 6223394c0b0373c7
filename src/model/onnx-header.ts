/**
 * The few facts of an ONNX file that can be read without a runtime: which operator sets it asks
 * for. A ModelProto is a protobuf message; its large graph (field 7) is stepped over.
 */
import { CytolensError } from '../core/errors.ts';

interface OperatorSet {
  /** Empty for the standard operators. */
  domain: string;
  version: number;
}

const OPSET_IMPORT = 8;

/** Operator sets of an ONNX file. Throws `model` when the bytes are not such a file. */
export function operatorSets(bytes: Uint8Array): OperatorSet[] {
  const sets: OperatorSet[] = [];
  for (const { field, value } of fieldsOf(bytes)) {
    if (field !== OPSET_IMPORT || !(value instanceof Uint8Array)) continue;
    const set: OperatorSet = { domain: '', version: 0 };
    for (const member of fieldsOf(value)) {
      if (member.field === 1 && member.value instanceof Uint8Array) {
        set.domain = new TextDecoder().decode(member.value);
      }
      if (member.field === 2 && typeof member.value === 'number') set.version = member.value;
    }
    sets.push(set);
  }
  if (sets.length === 0) throw notOnnx('no operator set');
  return sets;
}

interface Field {
  field: number;
  value: number | Uint8Array;
}

/** Walk the fields of a protobuf message; groups (long deprecated) are refused. */
function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      if (at >= bytes.length) throw notOnnx('cut short');
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw notOnnx('a number without an end');
  };
  const skip = (length: number) => {
    if (at + length > bytes.length) throw notOnnx('cut short');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const field = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        yield { field, value: varint() };
        break;
      case 1:
        yield { field, value: skip(8) };
        break;
      case 2:
        yield { field, value: skip(varint()) };
        break;
      case 5:
        yield { field, value: skip(4) };
        break;
      default:
        throw notOnnx(`wire type ${key % 8}`);
    }
  }
}

function notOnnx(why: string): CytolensError {
  return new CytolensError(
    'model',
    'A file of this model is not a whole ONNX file. Export or download it again.',
    why,
  );
}
