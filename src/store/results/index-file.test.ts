import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCytolensError } from '../../core/errors.ts';
import { crc32 } from './crc32.ts';
import { formatIndex, formatPlan, maskOf, parseIndex, planOf } from './index-file.ts';
import { testIndex } from './testing/fields.ts';

describe('index.json', () => {
  it('comes back as it was, with what else is known of the models', () => {
    const index = testIndex();
    const models = index.models.map((model) => ({ ...model, parityError: 1e-3 }));
    expect(parseIndex(formatIndex({ ...index, models }))).toEqual({ ...index, models });
  });

  it('holds plan and mask', () => {
    const places = [
      { col: 3, row: 0 },
      { col: -1, row: 70_000 },
    ];
    expect(planOf({ ...testIndex(), plan: formatPlan(places) })).toEqual(places);
    expect(maskOf(testIndex())).toEqual({
      cols: 3,
      rows: 2,
      size: 28,
      kinds: Uint8Array.of(0, 1, 2, 1, 1, 0),
    });
    expect(maskOf({ ...testIndex(), mask: null })).toBeNull();
  });

  it('tells a stranger how to read the other files', () => {
    const { columns } = JSON.parse(formatIndex(testIndex()));
    expect(columns.cells.map(({ name }: { name: string }) => name)).toEqual([
      'x',
      'y',
      'radii',
      'type',
      'confidence',
      'area',
    ]);
  });

  it('of another version is refused with a sentence', () => {
    const text = formatIndex(testIndex()).replace('"version":1', '"version":2');
    expect(() => parseIndex(text)).toThrow(
      expect.objectContaining({ tag: 'unsupported', message: expect.stringMatching(/version/) }),
    );
  });

  it('is refused when any byte of it changed', () => {
    const good = new TextEncoder().encode(formatIndex(testIndex()));
    fc.assert(
      fc.property(fc.nat(good.length - 2), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const bytes = good.slice();
        bytes[at] ^= mask;
        try {
          parseIndex(new TextDecoder().decode(bytes));
        } catch (error) {
          return isCytolensError(error, 'format') || isCytolensError(error, 'unsupported');
        }
        return false;
      }),
    );
  });

  it.each(['', '{}', 'null', '{"a":1,"crc":0}', '<html>'])('is not %j', (text) => {
    expect(() => parseIndex(text)).toThrow(expect.objectContaining({ tag: 'format' }));
  });
});

describe('CRC-32', () => {
  it('has the check value of its standard', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  it('is the same however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (bytes, at) => {
        const cut = bytes.length ? at % bytes.length : 0;
        expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crc32(bytes));
      }),
    );
  });
});
