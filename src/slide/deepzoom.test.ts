import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTile, gridOf, levelsOf, maxLevel, parseDescriptor, tileBox } from './deepzoom.ts';
import { parseProperties } from './properties.ts';
import { sha256 } from './sha256.ts';

const dzi = (image: string, size: string) =>
  `<?xml version="1.0"?><Image xmlns="http://schemas.microsoft.com/deepzoom/2008" ${image}>` +
  `<Size ${size}/></Image>`;
const GOOD = 'TileSize="254" Overlap="1" Format="jpeg"';

describe('parseDescriptor', () => {
  const expected = { width: 17883, height: 16091, tileSize: 254, overlap: 1, format: 'jpeg' };

  it.each([
    ['libvips', dzi(GOOD, '\n Height="16091"\n Width="17883"\n')],
    [
      'single quotes',
      dzi(`Format='jpeg' Overlap='1' TileSize='254'`, `Width='17883' Height='16091'`),
    ],
    [
      'prefixes, comments and a byte order mark',
      `\uFEFF<!-- <Size Width="1"/> --><dz:Image TileSize = "254" Overlap="1" Format="jpeg">
       <dz:Size Width="17883" Height="16091"></dz:Size></dz:Image>`,
    ],
  ])('reads what is written by %s', (_, xml) => {
    expect(parseDescriptor(xml)).toEqual(expected);
  });

  it.each([
    ['no text', ''],
    ['another XML', '<svg></svg>'],
    ['zero', dzi(GOOD, 'Width="0" Height="5"')],
    ['negative', dzi(GOOD, 'Width="-5" Height="5"')],
    ['fraction', dzi(GOOD, 'Width="5.5" Height="5"')],
    ['words', dzi(GOOD, 'Width="NaN" Height="Infinity"')],
    ['hexadecimal', dzi(GOOD, 'Width="0x10" Height="5"')],
    ['huge', dzi(GOOD, 'Width="99999999" Height="5"')],
    ['enormous', dzi(GOOD, `Width="${'9'.repeat(400)}" Height="5"`)],
    ['missing', dzi(GOOD, 'Width="5"')],
    ['tiny tiles', dzi('TileSize="1" Overlap="0" Format="png"', 'Width="5000" Height="5000"')],
    ['overlap', dzi('TileSize="64" Overlap="64" Format="png"', 'Width="50" Height="50"')],
  ])('refuses %s', (_, xml) => {
    expect(() => parseDescriptor(xml)).toThrow(/not a Deep Zoom description/);
  });

  it('refuses tiles that no browser decodes, paths as formats, and collections', () => {
    const size = 'Width="5" Height="5"';
    for (const format of ['tif', '../../etc/passwd', '']) {
      const xml = dzi(`TileSize="254" Overlap="1" Format="${format}"`, size);
      expect(() => parseDescriptor(xml)).toThrow(/cannot decode/);
    }
    expect(() => parseDescriptor('<Collection MaxLevel="8"></Collection>')).toThrow(/collection/);
  });
});

describe('levels and tiles', () => {
  const real = parseDescriptor(dzi(GOOD, 'Width="17883" Height="16091"'));

  it('follow Deep Zoom numbering and stop at one tile', () => {
    expect(maxLevel(real)).toBe(15);
    const levels = levelsOf(real);
    expect(levels.map(({ width, height }) => `${width}x${height}`)).toEqual([
      '17883x16091',
      '8942x8046',
      '4471x4023',
      '2236x2012',
      '1118x1006',
      '559x503',
      '280x252',
      '140x126',
    ]);
    expect(levels.at(-1)?.downsample).toBe(128);
    expect(gridOf(levels[0])).toEqual({ cols: 71, rows: 64 });
  });

  it('keep a slide of one pixel and one of a single row', () => {
    expect(levelsOf({ ...real, width: 1, height: 1 })).toHaveLength(1);
    expect(levelsOf({ ...real, width: 1_000_000, height: 1 }).at(-1)?.height).toBe(1);
  });

  it('cover each pixel of a level exactly once', () => {
    const side = fc.integer({ min: 1, max: 2000 });
    const tile = fc.integer({ min: 32, max: 300 });
    fc.assert(
      fc.property(side, side, tile, fc.nat(31), (width, height, tileSize, overlap) => {
        const [level] = levelsOf({ width, height, tileSize, overlap, format: 'png' });
        const { cols, rows } = gridOf(level);
        let covered = 0;
        for (let col = 0; col < cols; col++) {
          const { full, crop } = tileBox(level, overlap, col, rows - 1);
          covered += crop.width;
          expect(crop.x + crop.width).toBeLessThanOrEqual(full.width);
          expect(full.width).toBeLessThanOrEqual(tileSize + 2 * overlap);
        }
        expect(covered).toBe(width);
      }),
    );
  });

  it.each([
    [0, 71, 0],
    [0, 0, -1],
    [99, 0, 0],
    [0, Number.NaN, 0],
  ])('has no tile %i/%i_%i', (level, col, row) => {
    expect(() => checkTile(levelsOf(real), level, col, row)).toThrow(/outside of the slide/);
  });
});

describe('parseProperties', () => {
  const property = (name: string, value: string) =>
    `<property><name>${name}</name>\n <value type="VipsRefString">${value}</value></property>`;

  it('reads scale, objective and scanner as libvips writes them', () => {
    const xml =
      property('xres', '3802.02') +
      property('aperio.ScannerType', 'GT450 DX') +
      property('openslide.mpp-x', '0.26301799999999997') +
      property('openslide.mpp-y', '0.26301799999999997') +
      property('openslide.objective-power', '40') +
      property('openslide.vendor', 'aperio');
    expect(parseProperties(xml)).toEqual({
      mpp: 0.26301799999999997,
      objective: 40,
      scanner: 'Aperio GT450 DX',
    });
  });

  it('guesses no scale', () => {
    expect(parseProperties(property('xres', '2.83'))).toEqual({});
    expect(parseProperties(property('openslide.mpp-x', '250'))).toEqual({});
    expect(parseProperties(property('openslide.mpp-x', 'unknown'))).toEqual({});
    const oblong = property('openslide.mpp-x', '0.25') + property('openslide.mpp-y', '0.5');
    expect(parseProperties(oblong)).toEqual({});
  });
});

describe('sha256', () => {
  it('agrees with the one of Node at every padding', () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 37) % 256);
      expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
    }
  });
});
