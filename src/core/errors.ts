/**
 * Tagged errors. `message` is a sentence a pathologist can act on; `detail` is the technical cause
 * under it. Tags survive the trip between worker and page (see rpc.ts), so callers branch on
 * `error.tag`, never on words.
 */
export type ErrorTag =
  | 'network' // no answer at all: offline, or the server forbids other sites (CORS)
  | 'not-found' // the server answered that the file is not there
  | 'range' // the server ignores byte ranges
  | 'format' // not the format its name says
  | 'truncated' // the file ends before its content does
  | 'unsupported' // the format is right, this variant of it is not read
  | 'no-scale' // the slide has no um/px and one is needed
  | 'too-large' // the request is larger than was agreed to
  | 'no-tissue' // nothing to analyse
  | 'model' // a model file is missing, changed or malformed
  | 'parity' // a model computes other numbers here than where it was made
  | 'stopped' // a model that had worked until now
  | 'quota' // the browser's storage is full
  | 'busy' // another tab is writing there
  | 'cancelled'
  | 'internal';

export class CytolensError extends Error {
  override readonly name = 'CytolensError';

  constructor(
    readonly tag: ErrorTag,
    message: string,
    readonly detail = '',
  ) {
    super(message);
  }
}

/** Narrow an unknown error to ours, optionally to one tag. */
export function isCytolensError(error: unknown, tag?: ErrorTag): error is CytolensError {
  return error instanceof CytolensError && (tag === undefined || error.tag === tag);
}

/** Any thrown value as a CytolensError: aborts become `cancelled`, the unforeseen `internal`. */
export function toCytolensError(error: unknown): CytolensError {
  if (error instanceof CytolensError) return error;
  if (error instanceof DOMException && error.name === 'AbortError') return cancelled();
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new CytolensError('internal', 'Something went wrong inside Cytolens.', detail);
}

export function cancelled(): CytolensError {
  return new CytolensError('cancelled', 'Cancelled.');
}

/** Throw `cancelled` when the signal has fired. Called at every step of long work. */
export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted) throw cancelled();
}
