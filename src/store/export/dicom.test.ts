import { describe, expect, it } from 'vitest';
import { outline, RAYS } from '../../core/cells.ts';
import { type ReadDataset, readDicom } from '../testing/dicom-reader.ts';
import { testInput } from '../testing/export-input.ts';
import { uidFrom } from './dicom.ts';
import { exportParts } from './export.ts';
import type { ExportFormat } from './formats.ts';

async function written(format: ExportFormat, input = testInput(120)): Promise<ReadDataset> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const { bytes } of await exportParts(format, input)) parts.push(bytes);
  return readDicom(new Uint8Array(await new Blob(parts).arrayBuffer()));
}

describe('DICOM annotations', () => {
  it('a group a type, every cell once, polygons in mm at their place', async () => {
    const input = testInput(120);
    const file = await written('dicom-ann', input);
    expect(file.text(0x00080016)).toBe('1.2.840.10008.5.1.4.1.1.91.1');
    const groups = file.items(0x006a0002);
    expect(groups).toHaveLength(3);
    groups.forEach((group, type) => {
      const rows = [...input.cells.type.keys()].filter((i) => input.cells.type[i] === type);
      expect(group.text(0x006a0005)).toBe(`${input.types[type]}, predicted`);
      expect(group.u32(0x006a000c)).toEqual([rows.length]);
      const firsts = group.u32(0x00660040);
      expect(firsts).toEqual(rows.map((_, k) => 2 * RAYS * k + 1));
      const points = group.f32(0x00660016);
      expect(points).toHaveLength(rows.length * 2 * RAYS);
      const last = rows.length - 1;
      const expected = outline(input.cells, rows[last]);
      for (let n = 0; n < 2 * RAYS; n++) {
        expect(points[firsts[last] - 1 + n]).toBeCloseTo(expected[n] * 0.00025, 6);
      }
      const contribution = group.items(0x00660121)[3].items(0x00660132)[0].f32(0x00660125);
      expect(contribution).toEqual(rows.map((row) => input.cells.contribution[row]));
    });
  });

  it('carries its provenance, and names the same slide by the same identifiers', async () => {
    const [first, second] = [await written('dicom-ann'), await written('dicom-map')];
    expect(JSON.parse(first.text(0x00991001))).toEqual(testInput(0).provenance);
    for (const tag of [0x0020000d, 0x00200052]) expect(first.text(tag)).toBe(second.text(tag));
    expect(first.text(0x00080018)).not.toBe(second.text(0x00080018));
  });
});

describe('DICOM parametric map', () => {
  it('a frame a quantity, squares as they lie, 0 where no cell is', async () => {
    const input = testInput(10);
    const file = await written('dicom-map', input);
    expect(file.u16(0x00280010)).toEqual([2]);
    expect(file.u16(0x00280011)).toEqual([3]);
    const pixels = file.f32(0x7fe00008);
    expect(pixels).toHaveLength(3 * 6);
    expect(pixels.slice(0, 6)).toEqual([0.5, -1, 0, 2, 0, 1]);
    expect(pixels.slice(12)).toEqual([1, 2, 0, 3, 4, 5]);
    const shared = file.items(0x52009229)[0];
    // 256 px of 0.25 um: 0.064 mm.
    expect(shared.items(0x00289110)[0].text(0x00280030)).toBe('0.064\\0.064');
    expect(file.items(0x52009230)).toHaveLength(3);
  });

  it('without a grid there is nothing to write', async () => {
    await expect(written('dicom-map', { ...testInput(1), grid: null })).rejects.toThrow(/grid/);
  });
});

it('identifiers made from text are valid: digits and points, at most 64', () => {
  expect(uidFrom('a')).toMatch(/^2\.25\.[1-9]\d{0,38}$/);
  expect(uidFrom('a')).not.toBe(uidFrom('b'));
});
