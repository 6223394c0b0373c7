/** JSON that a stranger wrote: descriptions of slides. */
import type { z } from 'zod';
import { CytolensError } from '../core/errors.ts';
import { seemsToBe } from './sniff.ts';

/**
 * The checked content of a JSON file; `what` names the file in sentences ("IIIF description").
 * Throws `format` for other content, for JSON nested beyond reading, and for a wrong shape.
 */
export function readJson<T>(bytes: Uint8Array, schema: z.ZodType<T>, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    const is = /^\s*[[{]/.test(new TextDecoder().decode(bytes.subarray(0, 64)))
      ? 'is damaged'
      : `seems to be ${seemsToBe(bytes)}`;
    throw new CytolensError(
      'format',
      `This is not a ${what}: the file ${is}. Check the address or the file.`,
      error instanceof Error ? error.message : String(error),
    );
  }
  return checkJson(value, schema, what);
}

/** As `readJson`, of a value that is parsed already. */
export function checkJson<T>(value: unknown, schema: z.ZodType<T>, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw new CytolensError(
    'format',
    `This ${what} has a mistake${path.length > 0 ? ` at "${path.join('.')}"` : ''}, so the slide cannot be read. Export the slide again.`,
    message,
  );
}
