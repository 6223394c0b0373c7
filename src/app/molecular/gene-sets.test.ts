import { gzipSync } from 'fflate';
import { afterEach, describe, expect, it, vi } from 'vitest';
import hallmark from '../../../public/genesets/hallmark.json' with { type: 'json' };
import { GeneSets } from './gene-sets.ts';

const gmt = (name: string, lines: string[]) => new File([lines.join('\n')], name);
const line = (name: string, said = 'na') => `${name}\t${said}\tA\tB\tC`;

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('gene sets at hand', () => {
  it('are found by words of name or description, underscores aside', async () => {
    const sets = new GeneSets();
    await sets.openGmt(gmt('mine.gmt', [line('T_CELL_STATE', 'exhausted'), line('B_CELL')]));
    expect(sets.search('cell t_').map(({ name }) => name)).toEqual(['T_CELL_STATE']);
    expect(sets.search('EXHAUSTED')).toHaveLength(1);
    expect(sets.named('B_CELL')?.source).toBe('mine.gmt');
    expect(sets.named('NOPE')).toBeNull();
  });

  it('take 30,000 sets, show the first, and hold a file opened twice once', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => line(`SET_${i}`, 'https://example.org'));
    const sets = new GeneSets();
    const file = new File([gzipSync(new TextEncoder().encode(lines.join('\n')))], 'all.gmt.gz');
    expect(await sets.openGmt(file)).toBe(30_000);
    await sets.openGmt(file);
    expect(sets.list()).toEqual([{ name: 'all.gmt.gz', sets: 30_000, attribution: '' }]);
    expect(sets.search('').length).toBeLessThan(100);
    expect(sets.search('set 29999')).toHaveLength(1);
  });

  it('stay when a file is refused', async () => {
    const sets = new GeneSets();
    await sets.openGmt(gmt('a.gmt', [line('KEPT')]));
    await expect(sets.openGmt(gmt('a.gmt', ['no tabs here']))).rejects.toThrow(/not a GMT file/);
    expect(sets.named('KEPT')).not.toBeNull();
  });

  it('begin with the Hallmark sets and what their licence asks for', async () => {
    vi.stubGlobal('document', { baseURI: 'https://example.org/app/' });
    vi.stubGlobal('fetch', async () => Response.json(hallmark));
    const sets = new GeneSets();
    await sets.openHallmark();
    expect(sets.list()[0]).toMatchObject({ sets: 50 });
    expect(sets.list()[0].attribution).toContain('CC BY 4.0');
    vi.stubGlobal('fetch', async () => new Response('', { status: 404 }));
    await expect(sets.openHallmark()).rejects.toMatchObject({ tag: 'network' });
  });
});
