/**
 * CRC-32 as ZIP and PNG have it (ISO 3309, reflected polynomial EDB88320), four bytes a step
 * ("slicing by 4", Kounavis and Berry 2005): archives of a gigabyte are summed twice.
 */
const TABLES = [0, 1, 2, 3].map(() => new Uint32Array(256));
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  TABLES[0][n] = c;
}
for (let n = 0; n < 256; n++) {
  for (let k = 1; k < 4; k++) {
    const c = TABLES[k - 1][n];
    TABLES[k][n] = TABLES[0][c & 255] ^ (c >>> 8);
  }
}
const [T0, T1, T2, T3] = TABLES;

/** CRC-32 of the bytes, an unsigned 32-bit number; `before` is that of the bytes before them. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let c = ~before;
  let i = 0;
  for (const end = bytes.length - 3; i < end; i += 4) {
    c ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    c = T3[c & 255] ^ T2[(c >>> 8) & 255] ^ T1[(c >>> 16) & 255] ^ T0[c >>> 24];
  }
  for (; i < bytes.length; i++) c = T0[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}
