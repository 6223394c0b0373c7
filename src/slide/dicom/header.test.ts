import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../core/arrays.ts';
import { blobSource } from '../bytes.ts';
import { type DataSet, Tag } from './dataset.ts';
import { readHeader } from './header.ts';
import { type Element, EXPLICIT, encode, head, IMPLICIT, part10 } from './testing/write.ts';

const read = (bytes: Uint8Array<ArrayBuffer>, visit: ((groups: DataSet) => void) | null = null) =>
  readHeader(blobSource(new Blob([bytes])), () => visit);

const SPACING: Element = [
  0x52009229,
  'SQ',
  [[[0x00289110, 'SQ', [[[0x00280030, 'DS', '0.5\\0.25']]]]]],
];
const BASIC: Element[] = [
  [0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\VOLUME'],
  [0x00100010, 'PN', 'Doe^Jane'],
  [0x00280010, 'US', [240]],
  [0x00480006, 'UL', [123_456]],
  [0x0048021e, 'SL', [-7]],
  [0x00480001, 'FL', [1.5]],
  SPACING,
];

describe('readHeader', () => {
  it.each([EXPLICIT, IMPLICIT])('reads texts, numbers and sequences of %s', async (syntax) => {
    const { attributes, transferSyntax, pixels } = await read(
      part10(syntax, [...BASIC, [0x7fe00010, 'OW', Uint8Array.of(1, 2, 3, 4)]]),
    );
    expect(transferSyntax).toBe(syntax);
    expect(attributes.texts(Tag.ImageType)).toEqual(['ORIGINAL', 'PRIMARY', 'VOLUME']);
    expect(attributes.number(Tag.Rows)).toBe(240);
    expect(attributes.number(Tag.TotalPixelMatrixColumns)).toBe(123_456);
    expect(attributes.number(Tag.ColumnPosition)).toBe(-7);
    expect(attributes.number(Tag.ImagedVolumeWidth)).toBe(1.5);
    const measures = attributes.path(Tag.SharedFunctionalGroupsSequence, Tag.PixelMeasuresSequence);
    expect(measures?.numbers(Tag.PixelSpacing)).toEqual([0.5, 0.25]);
    expect(pixels?.length).toBe(4);
  });

  it('keeps nothing of the patient', async () => {
    const { attributes } = await read(part10(EXPLICIT, BASIC));
    expect(attributes.texts(0x00100010)).toEqual([]);
    expect(JSON.stringify([...Object.values(attributes)].map((map) => [...map]))).not.toMatch(
      /Jane/,
    );
  });

  it('reads sequences that say their length, and steps over those nobody wants', async () => {
    const unwanted: Element = [0x00400555, 'SQ', [[[0x0040a160, 'UT', 'x'.repeat(1000)]]]];
    const rest = [unwanted, SPACING];
    for (const defined of [true, false]) {
      const bytes = part10(EXPLICIT, BASIC.slice(0, 3), encode(rest, { defined }));
      const { attributes } = await read(bytes);
      expect(attributes.path(Tag.SharedFunctionalGroupsSequence)).not.toBeNull();
    }
  });

  it('reads a sequence whose representation is unknown as an implicit one', async () => {
    const inner = encode([SPACING], { implicit: true }).subarray(8);
    const bytes = part10(
      EXPLICIT,
      [],
      concatBytes([head(0x52009229, 'UN', 0xffffffff, {}), new Uint8Array(inner)]),
    );
    const { attributes } = await read(bytes);
    const measures = attributes.path(Tag.SharedFunctionalGroupsSequence, Tag.PixelMeasuresSequence);
    expect(measures?.number(Tag.PixelSpacing)).toBe(0.5);
  });

  it('reads a megabyte of frame groups one by one, and none that nobody takes', async () => {
    const groups = Array.from({ length: 9000 }, (_, i): Element[] => [
      [0x0048021a, 'SQ', [[[0x0048021e, 'SL', [i]]]]],
    ]);
    const bytes = part10(EXPLICIT, [...BASIC, [0x52009230, 'SQ', groups]]);
    expect(bytes.length).toBeGreaterThan(500_000);
    const seen: (number | null)[] = [];
    const { attributes } = await read(bytes, (item) =>
      seen.push(item.path(Tag.PlanePositionSlideSequence)?.number(Tag.ColumnPosition) ?? null),
    );
    expect(seen).toEqual(groups.map((_, i) => i));
    expect(attributes.items(Tag.PerFrameFunctionalGroupsSequence)).toHaveLength(0);
    expect((await read(bytes)).attributes.items(Tag.PerFrameFunctionalGroupsSequence)).toEqual([]);
  });

  it('reads no more of a file than its header', async () => {
    const pixels = new Uint8Array(1_000_000);
    const blob = blobSource(new Blob([part10(EXPLICIT, [...BASIC, [0x7fe00010, 'OB', pixels]])]));
    let bytes = 0;
    await readHeader(
      {
        size: blob.size,
        read: (offset, length) =>
          blob.read(offset, length).finally(() => {
            bytes += length;
          }),
      },
      () => null,
    );
    expect(bytes).toBeLessThan(70_000);
  });

  it.each([
    ['another kind of file', new Uint8Array(200), 'format', /not a DICOM file but/],
    ['big endian', part10('1.2.840.10008.1.2.2', BASIC), 'unsupported', /dcmconv/],
    ['a deflated data set', part10('1.2.840.10008.1.2.1.99', BASIC), 'unsupported', /dcmconv/],
    [
      'a length beyond the end',
      part10(EXPLICIT, BASIC, head(0x60000000, 'OB', 4000, {})),
      'truncated',
      /ends before/,
    ],
    [
      'a text of a gigabyte',
      part10(EXPLICIT, [], head(0x00080008, 'UT', 0x40000000, {})),
      'truncated',
      /ends before/,
    ],
    [
      'a sequence without end',
      part10(EXPLICIT, [], head(0x52009229, 'SQ', 0xffffffff, {})),
      'format',
      /damaged/,
    ],
    [
      'no value representation',
      part10(EXPLICIT, [], new Uint8Array(64).fill(7)),
      'format',
      /damaged/,
    ],
  ])('says of %s what is wrong', async (_, bytes, tag, sentence) => {
    await expect(read(bytes)).rejects.toMatchObject({
      tag,
      message: expect.stringMatching(sentence),
    });
  });

  it('does not follow sequences within sequences without end', async () => {
    const deep = Array.from({ length: 5000 }, () =>
      concatBytes([
        head(0x52009229, 'SQ', 0xffffffff, {}),
        head(0xfffee000, '', 0xffffffff, { implicit: true }),
      ]),
    );
    const bytes = part10(EXPLICIT, [], concatBytes(deep));
    await expect(read(bytes)).rejects.toMatchObject({
      tag: 'format',
      detail: expect.stringMatching(/deep/),
    });
  });

  it('can be cancelled', async () => {
    const bytes = blobSource(new Blob([part10(EXPLICIT, BASIC)]));
    const aborted = readHeader(bytes, () => null, AbortSignal.abort());
    await expect(aborted).rejects.toMatchObject({ tag: 'cancelled' });
  });
});
