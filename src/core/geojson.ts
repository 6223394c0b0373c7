/** Pieces of GeoJSON (RFC 7946) that cells and annotations are read from alike. */
import { isRecord } from './json-stream.ts';

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** x0, y0, x1, y1, ... of a list of positions, heights left away; null where one is no number. */
export function flatPositions(positions: readonly unknown[]): Float64Array | null {
  const flat = new Float64Array(2 * positions.length);
  for (let i = 0; i < positions.length; i++) {
    const [x, y] = listOf(positions[i]);
    if (typeof x !== 'number' || typeof y !== 'number') return null;
    flat[2 * i] = x;
    flat[2 * i + 1] = y;
  }
  return flat.every(Number.isFinite) ? flat : null;
}

/** A ring without its closing corner; null where a coordinate is no number. */
export function flatRing(positions: readonly unknown[]): Float64Array | null {
  const ring = flatPositions(positions);
  if (!ring || ring.length === 0) return ring;
  const last = ring.length - 2;
  const closed = last > 0 && ring[0] === ring[last] && ring[1] === ring[last + 1];
  return closed ? ring.subarray(0, last) : ring;
}

/** QuPath writes one name, or the names of a derived class; older versions a plain text. */
export function classNameOf(classification: unknown): string | null {
  if (typeof classification === 'string') return classification || null;
  if (!isRecord(classification)) return null;
  const { name, names } = classification;
  if (typeof name === 'string' && name) return name;
  const several = listOf(names).filter((part) => typeof part === 'string');
  return several.length > 0 ? several.join(': ') : null;
}
