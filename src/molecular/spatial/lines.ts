/** Lines of a text file, plain or gzipped, a few MB at a time. */
import { chunksOf } from '../../core/chunks.ts';
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import { gunzip, isGzip } from '../../core/gzip.ts';

/** A line of a table of 60,000 genes is below 1 MB; longer ones are no table. */
const LONGEST_LINE = 32 * 1024 * 1024;

interface Options {
  signal?: AbortSignal;
  /** Told the bytes of the file that were read, as it lies on disk. */
  onRead?: (bytes: number) => void;
}

/**
 * Throws `truncated` for a gzip file that is damaged or ends early, `format` for what is no text,
 * `cancelled`. Empty lines are left out.
 */
export async function* linesOf(
  file: File,
  { signal, onRead }: Options = {},
): AsyncGenerator<string[], void, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of contentOf(file, { signal, onRead })) {
    throwIfAborted(signal);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) {
      throw new CytolensError('format', `${file.name} is no table of text: a line is over 32 MB.`);
    }
    yield lines.filter((line) => line !== '');
  }
  if (rest !== '') yield [rest];
}

/** The whole of a small file. */
export async function textOf(file: File, options?: Options): Promise<string[]> {
  const all: string[] = [];
  for await (const lines of linesOf(file, options)) for (const line of lines) all.push(line);
  return all;
}

async function* contentOf(
  file: File,
  { signal, onRead }: Options,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let read = 0;
  const told = async function* () {
    for await (const chunk of chunksOf(file, signal)) {
      yield chunk;
      read += chunk.length;
      onRead?.(read);
    }
  };
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  yield* isGzip(head) ? gunzip(file.name, told(), signal) : told();
}

/** Fields of a line; tabs, or commas where there are no tabs. Quotes around a field are taken off. */
export function fieldsOf(line: string): string[] {
  const fields = line.split(line.includes('\t') ? '\t' : ',');
  return line.includes('"') ? fields.map((field) => field.replace(/^"(.*)"$/, '$1')) : fields;
}
