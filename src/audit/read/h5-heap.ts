/**
 * The heaps in which HDF5 keeps strings, looked through before the library reads them: on damaged
 * free space of no size it goes round for ever. HDF5 File Format Specification 3.0, III.E.
 */

/** "GCOL", version 1, three bytes of zero; then the size of the heap. */
const BEGINS = [0x47, 0x43, 0x4f, 0x4c, 1, 0, 0, 0];
const HEADER = 16;

/** False when an object of any heap is larger than the heap, or leads nowhere. */
export function heapsAreSound(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = bytes.indexOf(BEGINS[0]); at >= 0; at = bytes.indexOf(BEGINS[0], at + 1)) {
    if (BEGINS.some((byte, i) => bytes[at + i] !== byte)) continue;
    if (at + HEADER > bytes.length) return false;
    const end = at + Number(view.getBigUint64(at + 8, true));
    if (end > bytes.length || !isSound(view, at + HEADER, end)) return false;
  }
  return true;
}

/** Objects from `at` to `end`: number, references, size, content filled up to 8 bytes. */
function isSound(view: DataView, at: number, end: number): boolean {
  let next = at;
  while (next + HEADER <= end) {
    const isFree = view.getUint16(next, true) === 0;
    const size = Number(view.getBigUint64(next + 8, true));
    // The size of free space counts its own header.
    const length = isFree ? size : HEADER + 8 * Math.ceil(size / 8);
    if (length < HEADER || next + length > end) return false;
    next += length;
  }
  return true;
}
