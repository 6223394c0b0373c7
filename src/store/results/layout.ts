/**
 * How a field lies in the binary files of a results folder (docs/results-format.md). Numbers are
 * little-endian, as on every machine with a browser today, so typed arrays are written as they are.
 */
import { type CellTable, createCells, RAYS } from '../../core/cells.ts';
import { decodeFloat16, encodeFloat16 } from '../../core/float16.ts';
import type { Bytes } from '../../slide/bytes.ts';

/** Columns of a field in cells.bin, in this order, each padded to a multiple of 4 bytes. */
export const CELL_COLUMNS = [
  { name: 'x', type: 'float32', width: 1, unit: 'level-0 px' },
  { name: 'y', type: 'float32', width: 1, unit: 'level-0 px' },
  { name: 'radii', type: 'uint8', width: RAYS, unit: 'radiusUnit level-0 px' },
  { name: 'type', type: 'uint8', width: 1, unit: 'index into types' },
  { name: 'confidence', type: 'uint8', width: 1, unit: '1/255' },
  { name: 'area', type: 'float32', width: 1, unit: 'um2' },
] as const;

/** A field in evidence.bin: one number a token each, tokens row by row. */
export const EVIDENCE_COLUMNS = [
  { name: 'attention', type: 'float32', width: 1, unit: 'share of the field' },
  { name: 'contribution', type: 'float32', width: 1, unit: 'logit' },
] as const;

/** A field in tokens.bin: `dim` numbers a token. */
export const TOKEN_COLUMNS = [
  { name: 'classToken', type: 'float16', tokens: 1 },
  { name: 'patchTokens', type: 'float16', tokens: 'rows x cols' },
] as const;

/** The tokens of one field: what is needed to ask any head of this encoder. */
export interface StoredTokens {
  /** [dim]. */
  classToken: Float32Array;
  /** [tokens x dim], tokens row by row. */
  patchTokens: Float32Array;
}

/** Softmax weights over the tokens of one field, and the signed logit share of each. */
export interface TokenEvidence {
  attention: Float32Array;
  contribution: Float32Array;
}

/** Bytes of `count` cells in cells.bin. */
export function cellBytes(count: number): number {
  return CELL_COLUMNS.reduce((sum, column) => sum + columnBytes(column, count), 0);
}

/** Bytes of a field with this many tokens in evidence.bin. */
export function evidenceBytes(tokens: number): number {
  return 2 * 4 * tokens;
}

/** Bytes of a field with this many tokens of `dim` numbers in tokens.bin. */
export function tokenBytes(tokens: number, dim: number): number {
  return 2 * (1 + tokens) * dim;
}

export function encodeCells(cells: CellTable): Bytes {
  const out = new Uint8Array(cellBytes(cells.count));
  let at = 0;
  for (const column of CELL_COLUMNS) {
    const values = cells[column.name].subarray(0, cells.count * column.width);
    out.set(bytesOf(values), at);
    at += columnBytes(column, cells.count);
  }
  return out;
}

/** Cells as they were stored; what a head says of them is zero, and so is the field's number. */
export function decodeCells(bytes: Uint8Array, count: number, radiusUnit: number): CellTable {
  const cells = createCells(count, radiusUnit);
  cells.count = count;
  let at = 0;
  for (const column of CELL_COLUMNS) {
    const target = bytesOf(cells[column.name]);
    target.set(bytes.subarray(at, at + target.length));
    at += columnBytes(column, count);
  }
  return cells;
}

export function encodeEvidence({ attention, contribution }: TokenEvidence): Bytes {
  const out = new Float32Array(attention.length + contribution.length);
  out.set(attention);
  out.set(contribution, attention.length);
  return bytesOf(out);
}

export function decodeEvidence(bytes: Uint8Array, tokens: number): TokenEvidence {
  const values = new Float32Array(bytes.slice().buffer);
  return { attention: values.slice(0, tokens), contribution: values.slice(tokens) };
}

/** Tokens as halves: relative error at most 2^-11 for values of 6e-5 to 65504. */
export function encodeTokens({ classToken, patchTokens }: StoredTokens): Bytes {
  const out = new Uint16Array(classToken.length + patchTokens.length);
  out.set(encodeFloat16(classToken));
  out.set(encodeFloat16(patchTokens), classToken.length);
  return bytesOf(out);
}

export function decodeTokens(bytes: Uint8Array, dim: number): StoredTokens {
  const values = decodeFloat16(new Uint16Array(bytes.slice().buffer));
  return { classToken: values.slice(0, dim), patchTokens: values.slice(dim) };
}

function columnBytes({ type, width }: (typeof CELL_COLUMNS)[number], count: number): number {
  return Math.ceil(((type === 'float32' ? 4 : 1) * width * count) / 4) * 4;
}

function bytesOf(values: ArrayBufferView): Bytes {
  return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}
