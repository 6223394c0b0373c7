/**
 * The features of a GeoJSON file one by one, from its bytes: a file of a gigabyte is never one
 * string. Reads a FeatureCollection, a plain list of features (as QuPath also writes), or one
 * feature.
 */
import { concatBytes } from './arrays.ts';
import { CytolensError } from './errors.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
/** One outline is under 100 kB in most files; what is longer is no list of features. */
const LONGEST_FEATURE = 64 * 1024 * 1024;
/** What stands above the features: provenance, a coordinate system. */
const LONGEST_HEAD = 4 * 1024 * 1024;

/** Features of one stretch of the file, and how many bytes of it were read. */
export interface FeatureBatch {
  features: unknown[];
  bytes: number;
}

/**
 * Batches of parsed features; the text before the list goes to `onHead`. Throws `format` for what
 * is not JSON or holds no list of features, `truncated` when the file ends early, `too-large`.
 */
export async function* featuresOf(
  chunks: AsyncIterable<Uint8Array>,
  onHead: (head: string) => void = () => undefined,
): AsyncGenerator<FeatureBatch, void, void> {
  const scanner = new Scanner(onHead);
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    yield { features: scanner.push(chunk), bytes };
  }
  yield { features: scanner.end(), bytes };
}

class Scanner {
  /** Bytes not yet given out: the head, or a feature begun. */
  private kept = new Uint8Array(0);
  /** Next byte to look at, and where the feature under way began (-1: none), within `kept`. */
  private at = 0;
  private start = -1;
  private depth = 0;
  private inText = false;
  private escaped = false;
  /** Depth of the list of features; 0 until it is found. */
  private list = 0;
  private ended = false;
  private textStart = 0;
  private lastText = '';
  private readonly decoder = new TextDecoder();

  constructor(private readonly onHead: (head: string) => void) {}

  push(chunk: Uint8Array): unknown[] {
    this.kept = concatBytes([this.kept, chunk]);
    const features: unknown[] = [];
    const { kept } = this;
    for (; this.at < kept.length; this.at++) {
      const byte = kept[this.at];
      if (this.inText) this.text(byte);
      else if (byte === QUOTE) {
        this.inText = true;
        this.textStart = this.at + 1;
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.open(byte);
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.close(features);
      else if (this.depth === 0 && byte > 32 && byte < 128) throw notJson();
    }
    this.forget();
    return features;
  }

  /** What is left at the end: a file that was one feature. */
  end(): unknown[] {
    if (this.depth > 0 || this.inText) {
      throw new CytolensError(
        'truncated',
        'The file ends in the middle of an object. Copy it again.',
      );
    }
    if (this.list > 0) return [];
    const whole = this.parse(this.kept);
    if (isRecord(whole) && whole.type === 'Feature') return [whole];
    throw new CytolensError(
      'format',
      'This JSON file holds no list of features. Export it as GeoJSON, from QuPath for example.',
    );
  }

  private text(byte: number): void {
    if (this.escaped) this.escaped = false;
    else if (byte === BACKSLASH) this.escaped = true;
    else if (byte === QUOTE) {
      this.inText = false;
      if (this.depth === 1 && this.list === 0) {
        this.lastText = this.decoder.decode(this.kept.subarray(this.textStart, this.at));
      }
    }
  }

  private open(byte: number): void {
    this.depth++;
    if (this.list > 0) {
      if (!this.ended && this.depth === this.list + 1) this.start = this.at;
      return;
    }
    const plain = byte === OPEN_LIST && this.depth === 1;
    const named = byte === OPEN_LIST && this.depth === 2 && this.lastText === 'features';
    if (!plain && !named) return;
    this.list = this.depth;
    if (named) this.onHead(`${this.decoder.decode(this.kept.subarray(0, this.at))}[]}`);
  }

  private close(features: unknown[]): void {
    if (this.depth === 0) throw notJson();
    if (this.start >= 0 && this.depth === this.list + 1) {
      features.push(this.parse(this.kept.subarray(this.start, this.at + 1)));
      this.start = -1;
    } else if (this.depth === this.list) this.ended = true;
    this.depth--;
  }

  private parse(bytes: Uint8Array): unknown {
    try {
      return JSON.parse(this.decoder.decode(bytes));
    } catch (error) {
      throw notJson(String(error));
    }
  }

  /** Keep only what is not done with. */
  private forget(): void {
    const from = this.list === 0 ? 0 : this.start >= 0 ? this.start : this.at;
    const length = this.kept.length - from;
    if (length > (this.list === 0 ? LONGEST_HEAD : LONGEST_FEATURE)) {
      throw new CytolensError(
        'too-large',
        this.list === 0
          ? 'No list of features was found in the first 4 MB of the file. Export it as GeoJSON.'
          : 'One object of the file is larger than 64 MB. Simplify it in the program that made it.',
      );
    }
    this.kept = this.kept.slice(from);
    this.at -= from;
    this.textStart -= from;
    if (this.start >= 0) this.start = 0;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notJson(detail = ''): CytolensError {
  return new CytolensError(
    'format',
    'This file is not valid JSON. Export it again, or open it in the program that made it.',
    detail,
  );
}
