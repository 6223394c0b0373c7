import { describe, expect, it } from 'vitest';
import { formulaSlide } from '../../slide/testing/fake.ts';
import { drawnTile } from './testing/drawn.ts';
import { folderTiles, middlesIn, placedTiles } from './tile-sets.ts';
import { confounding, rowsOfNames, tileRows } from './tile-table.ts';
import { openTile, pictureSlide, readTile } from './tiles.ts';
import { doubled, mirrored, shareInside, turnedTile } from './views.ts';

describe('the table of tiles', () => {
  it('reads pictures and places, by usual names, in CSV and TSV', () => {
    const [row] = tileRows('file,class,scanner,patient,mpp\na.png,lung,AT2,p1,0.25\n');
    expect(row).toEqual({
      file: 'a.png',
      labels: { biology: 'lung', centre: 'AT2', group: 'p1' },
      rect: null,
      mpp: 0.25,
    });
    const [place] = tileRows('slide\tx\ty\tw\th\tbiology\tcentre\ns.svs\t1\t2\t3\t4\ta\tb');
    expect(place.rect).toEqual({ x: 1, y: 2, w: 3, h: 4 });
    expect(place.labels.group).toBe('s.svs');
  });

  it.each([
    ['file,biology\na,b', /no column "centre", "group"/],
    ['file,biology,centre,group\na,b', /Row 2 .* has 2 columns/],
    ['slide,x,y,w,h,biology,centre\ns,1,2,,4,a,b', /Row 2 .* no number in its column w/],
    ['', /no column "file"/],
  ])('refuses %j with a sentence', (text, sentence) => {
    expect(() => tileRows(text)).toThrow(sentence);
  });

  it('reads names: organ, scanner, slide', () => {
    const rows = rowsOfNames(['lung-squamous-gt450-3_9_5.jpg', 'liver-x-at2_1_2.png', 'other.jpg']);
    expect(rows.map(({ labels }) => labels)).toEqual([
      { biology: 'lung', centre: 'gt450', group: 'lung-squamous-gt450-3' },
      { biology: 'liver', centre: 'at2', group: 'liver-x-at2' },
    ]);
  });

  it('says which classes one centre alone has seen', () => {
    const row = (biology: string, centre: string) => ({ biology, centre, group: '' });
    expect(confounding([row('a', '1'), row('a', '2')])).toBeNull();
    expect(confounding([row('a', '1'), row('a', '2'), row('b', '1')])).toContain('1 of 2');
    expect(confounding([row('a', '1'), row('b', '2')])).toContain('Every class');
  });
});

describe('tiles', () => {
  const encoder = { px: 32, mpp: 0.5 };

  it('reads a picture of the field’s size as it is, and the middle of a larger one', async () => {
    const picture = drawnTile(3, [1, 1, 1], 1, 40);
    const tile = {
      ...{ name: 't', labels: { biology: 'a', centre: 'b', group: 'c' }, middle: null, mpp: null },
      open: async () => pictureSlide('t', picture),
    };
    const open = await openTile(tile, encoder);
    expect(open.side).toBe(32);
    expect(open.room).toBe(1.25);
    const { data } = await readTile(open, 1, 32);
    expect([...data.slice(0, 4)]).toEqual([
      ...picture.data.slice(4 * (4 * 40 + 4), 4 * (4 * 40 + 5)),
    ]);
  });

  it('reads a place of a slide at the encoder’s scale', async () => {
    const slide = formulaSlide(400, 400, (x) => (x < 200 ? 0 : 200));
    const tile = {
      ...{ name: 't', labels: { biology: 'a', centre: 'b', group: 'c' }, mpp: 0.25 },
      ...{ middle: { x: 200, y: 200 }, open: async () => slide },
    };
    const open = await openTile(tile, encoder);
    expect(open.side).toBe(64);
    const { data } = await readTile(open, 1, 32);
    expect([data[4 * 15], data[4 * 16]]).toEqual([0, 200]);
  });

  it('cuts a rectangle into the fields that fit, around its middle', () => {
    expect(middlesIn({ x: 0, y: 0, w: 25, h: 10 }, 10)).toEqual([
      { x: 7.5, y: 5 },
      { x: 17.5, y: 5 },
    ]);
    expect(middlesIn({ x: 0, y: 0, w: 2, h: 2 }, 10)).toEqual([{ x: 1, y: 1 }]);
  });

  it('refuses folders without labels, without the file, with two tables', async () => {
    const file = (path: string, text = '') => ({ path, file: new File([text], path) });
    const table = file('a.csv', 'file,biology,centre,group\nx.png,a,b,c\n');
    const decode = async () => drawnTile(2, [1, 1, 1], 1);
    await expect(folderTiles([file('x.png')], 'f', 112, { decode })).rejects.toThrow('No tile has');
    await expect(folderTiles([table], 'f', 112, { decode })).rejects.toThrow('names x.png');
    await expect(folderTiles([table, file('b.csv')], 'f', 112, { decode })).rejects.toThrow(
      '2 tables',
    );
    const set = await folderTiles([table, file('x.png')], 'f', 112, { decode });
    expect(set.tiles).toHaveLength(1);
    expect(set.notes.join(' ')).toContain('does not say its scale');
    expect(placedTiles([], [], 'none').tiles).toHaveLength(0);
  });
});

describe('views of a tile', () => {
  const tileOf = (px: number) => ({
    slide: pictureSlide('t', drawnTile(3, [1, 1, 1], 1, px)),
    ...{ middle: { x: px / 2, y: px / 2 }, side: 32, room: px / 32 },
  });

  it('turns by quarters exactly, and shows no corner that is not tissue', async () => {
    const { plain, angles } = await turnedTile(tileOf(32), 32);
    const half = angles.find(({ angle }) => angle === 180)?.picture.data ?? new Uint8ClampedArray();
    expect([...half.slice(0, 3)]).toEqual([...plain.data.slice(-4, -1)]);
    for (const { picture } of angles) {
      // The tile has no white, and what lies beyond it would be.
      expect(Math.max(...picture.data.filter((_, i) => i % 4 === 0))).toBeLessThan(250);
    }
  });

  it('shows the whole field where there is tissue around it', () => {
    expect(shareInside({ room: 2 }, 32)).toBe(1);
    expect(shareInside({ room: 1 }, 224)).toBeCloseTo(0.694, 3);
  });

  it('doubles pixels, and continues a picture by its mirror image', () => {
    const data = Uint8ClampedArray.from([1, 2, 3, 4].flatMap((v) => [v, v, v, 255]));
    const red = (image: { data: Uint8ClampedArray }) =>
      [...image.data].filter((_, i) => i % 4 === 0);
    const small = { width: 2, height: 2, data };
    expect(red(doubled(small)).slice(0, 8)).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
    expect(red(mirrored(small)).slice(0, 8)).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
    expect(red(mirrored(small)).slice(8)).toEqual([3, 3, 4, 4, 3, 3, 4, 4]);
  });
});
