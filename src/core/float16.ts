/**
 * Half precision (IEEE 754 binary16): 1 sign, 5 exponent and 10 fraction bits. Tokens are kept on
 * disk so: half the bytes, 3 significant digits, values up to 65504.
 */

/** Exponents of float32 and float16 differ by a bias of 127 - 15, in float32's bit position. */
const REBIAS = (127 - 15) << 23;
/** Bits of 2^-14, the smallest normal half; and of 2^16, beyond every half. */
const SMALLEST_NORMAL = (127 - 14) << 23;
const BEYOND = (127 + 16) << 23;
const INFINITE = 0xff << 23;

/**
 * The nearest halves as their bit patterns, ties to even. What is too large becomes infinite,
 * NaN stays NaN.
 */
export function encodeFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const sign = (bits[i] >>> 16) & 0x8000;
    const size = bits[i] & 0x7fffffff;
    if (size >= BEYOND) {
      out[i] = sign | (size > INFINITE ? 0x7e00 : 0x7c00);
    } else if (size >= SMALLEST_NORMAL) {
      // 13 bits fall off: add just under a half of the last kept bit, and that bit for the tie.
      out[i] = sign | ((size - REBIAS + 0xfff + ((size >>> 13) & 1)) >>> 13);
    } else {
      out[i] = sign | roundToEven(Math.abs(values[i]) * 2 ** 24);
    }
  }
  return out;
}

/** The halves with these bit patterns, exactly. */
export function decodeFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(halves.length);
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < out.length; i++) {
    const sign = (halves[i] & 0x8000) << 16;
    const size = halves[i] & 0x7fff;
    if (size < 0x0400) {
      out[i] = (sign ? -1 : 1) * size * 2 ** -24;
    } else {
      // An exponent of all ones (infinite, NaN) stays all ones.
      bits[i] = sign | ((size << 13) + (size < 0x7c00 ? REBIAS : INFINITE - (0x1f << 23)));
    }
  }
  return out;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
}
