/** Typed arrays, one after the other. */

type TypedArray = Uint8Array | Uint16Array | Uint32Array | Float32Array;

/** A new array of `kind` with the values of all `parts` in their order; empty for no parts. */
export function concat<A extends TypedArray>(
  kind: new (length: number) => A,
  parts: readonly A[],
): A {
  const all = new kind(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The bytes of all `parts` in their order, in a buffer of their own. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concat<Uint8Array<ArrayBuffer>>(Uint8Array, parts as readonly Uint8Array<ArrayBuffer>[]);
}
