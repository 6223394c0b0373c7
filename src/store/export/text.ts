/** Text written straight into bytes: a million cells are 66 million numbers. */

const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const POWERS = [1, 10, 100, 1000, 10_000] as const;
const SHORT = 64;
/** A number takes at most this many bytes. */
const LONGEST_NUMBER = 32;

const encoder = new TextEncoder();

/** UTF-8 of a text: encode what is written often once, and hand the bytes to `raw`. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

export class ByteText {
  private bytes = new Uint8Array(1 << 20);
  private length = 0;

  raw(text: Uint8Array): void {
    const { length } = text;
    this.ensure(length);
    // A loop, because `set` takes longer to begin than a few bytes take to copy.
    if (length > SHORT) this.bytes.set(text, this.length);
    else for (let i = 0; i < length; i++) this.bytes[this.length + i] = text[i];
    this.length += length;
  }

  text(text: string): void {
    this.raw(utf8(text));
  }

  /** `value` with at most `digits` decimals (0 to 4), zeros at the end left out. |value| < 2^31. */
  fixed(value: number, digits: 0 | 1 | 2 | 3 | 4): void {
    this.ensure(LONGEST_NUMBER);
    const power = POWERS[digits];
    const scaled = Math.round(Math.abs(value) * power);
    const { bytes } = this;
    if (value < 0 && scaled > 0) bytes[this.length++] = MINUS;
    const whole = Math.floor(scaled / power);
    this.integer(whole);
    let rest = scaled - whole * power;
    if (rest === 0) return;
    bytes[this.length++] = DOT;
    for (let unit = power / 10; rest > 0; unit /= 10) {
      const digit = (rest / unit) | 0;
      bytes[this.length++] = ZERO + digit;
      rest -= digit * unit;
    }
  }

  /** A float32 in the nine significant digits that tell it from its neighbours. */
  float(value: number): void {
    this.text(String(Number(value.toPrecision(9))));
  }

  /** What was written so far, as bytes of their own; the text begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }

  private integer(value: number): void {
    const { bytes } = this;
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits++;
    this.length += digits;
    // Whole numbers below 2^31: integer division is many times faster than that of doubles.
    let left = value | 0;
    for (let at = this.length - 1; digits > 0; digits--, at--) {
      const tens = (left / 10) | 0;
      bytes[at] = ZERO + (left - tens * 10);
      left = tens;
    }
  }

  private ensure(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}
