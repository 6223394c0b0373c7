import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { GeneNames } from './gene-names.ts';
import {
  type GeneSet,
  matchGenes,
  minus,
  parseCollection,
  parseGenes,
  parseGmt,
  refusalOf,
} from './genesets.ts';

const SYMBOLS = [
  'ERBB2',
  'MKI67',
  'ESR1',
  'SEPT2',
  'SEPT9',
  'MARCH1',
  'MARC1',
  'DEC1',
  'SEP15',
  'CYR61',
  'KRT8',
  'KRT18',
  'EPCAM',
  'COL1A1',
  'COL1A2',
  'CD8A',
  'PTPRC',
  'CCND1',
];
const names = new GeneNames(SYMBOLS);
const bytes = (text: string) => new TextEncoder().encode(text);
const set = (name: string, genes: string[]): GeneSet => ({
  name,
  genes,
  description: '',
  source: 'test',
});
const symbol = (name: string) => {
  const found = names.resolve(name);
  return found.kind === 'known' ? `${found.symbol} by ${found.how}` : found.kind;
};

describe('GeneNames', () => {
  it.each([
    ['ERBB2', 'ERBB2 by symbol'],
    ['erbb2', 'ERBB2 by symbol'],
    ['HER2', 'ERBB2 by alias'],
    ['Ki-67', 'MKI67 by alias'],
    ['CCN1', 'CYR61 by alias'],
    ['SEPTIN2', 'SEPT2 by alias'],
    ['MARCHF1', 'MARCH1 by alias'],
    ['SELENOF', 'SEP15 by alias'],
    ['2-Sep', 'SEPT2 by date'],
    ['Sep-02', 'SEPT2 by date'],
    ['02-Sep-24', 'SEPT2 by date'],
    ['15-Sep', 'SEP15 by date'],
    ['DEC-01', 'DEC1 by date'],
    ['FOXP99', 'missing'],
    ['ENSG00000141736', 'missing'],
  ])('reads %s as %s', (given, read) => {
    expect(symbol(given)).toBe(read);
  });

  it.each([
    ['MAR-01', ['MARCH1', 'MARC1']],
    ['1-Mar', ['MARCH1', 'MARC1']],
    ['3-Mar', ['MARCH3']],
    ['7-May', []],
    ['20-Sep', []],
  ])('names what %s may have been, and does not guess', (given, meant) => {
    expect(names.resolve(given)).toEqual({ kind: 'mangled', meant });
  });

  it('knows Ensembl ids from a table of the user, whatever their version', () => {
    const own = new GeneNames(SYMBOLS, new Map([['ENSG00000141736', 'ERBB2']]));
    expect(own.resolve('ENSG00000141736.13')).toMatchObject({ symbol: 'ERBB2', how: 'id' });
  });

  it('prefers a symbol of the vocabulary to an alias of the same spelling', () => {
    expect(new GeneNames(['HER2', 'ERBB2']).resolve('HER2')).toMatchObject({ symbol: 'HER2' });
  });
});

describe('parseGmt', () => {
  it('reads names, sources and genes, each once, from plain and gzipped files', async () => {
    const text = '\uFEFFA\thttps://x.org/A\tERBB2\tESR1\tERBB2\t\r\n\r\nB\tStroma\tCOL1A1\n';
    for (const file of [bytes(text), gzipSync(bytes(text))]) {
      expect(await parseGmt(file, 'own.gmt')).toEqual([
        { name: 'A', description: '', source: 'https://x.org/A', genes: ['ERBB2', 'ESR1'] },
        { name: 'B', description: 'Stroma', source: 'own.gmt', genes: ['COL1A1'] },
      ]);
    }
  });

  it('reads 30,000 sets', async () => {
    const line = (i: number) => `SET_${i}\tna\t${SYMBOLS.slice(i % 9).join('\t')}`;
    const sets = await parseGmt(
      bytes(Array.from({ length: 30_000 }, (_, i) => line(i)).join('\n')),
      'm.gmt',
    );
    expect(sets).toHaveLength(30_000);
    expect(sets[29_999]).toMatchObject({ name: 'SET_29999', genes: SYMBOLS.slice(29_999 % 9) });
  });

  it('refuses what is not one, naming the line', async () => {
    await expect(parseGmt(bytes('A\tx\tERBB2\ngene,score'), 'a.csv')).rejects.toThrow(
      /line 2 has no genes/,
    );
    await expect(parseGmt(bytes('\tx\tERBB2'), 'a.gmt')).rejects.toThrow(/line 1 has no name/);
    await expect(parseGmt(bytes('\n \n'), 'a.gmt')).rejects.toThrow(/holds no gene sets/);
    const cut = gzipSync(bytes('A\tx\tERBB2')).slice(0, 14);
    await expect(parseGmt(cut, 'a.gmt.gz')).rejects.toThrow(/ends early/);
  });
});

describe('parseGenes', () => {
  it('takes any separator and keeps names that hold a space', () => {
    expect(
      parseGenes(' ERBB2, esr1;KRT8|KRT18\tEPCAM "CD8A"\nCyclin D1\nCOL1A1 COL1A2', names),
    ).toEqual(['ERBB2', 'esr1', 'KRT8', 'KRT18', 'EPCAM', 'CD8A', 'Cyclin D1', 'COL1A1', 'COL1A2']);
  });

  it('finds the same genes whatever stands between', () => {
    const between = fc.array(fc.constantFrom(' ', '\t', '\n', ',', ';', '|', '\r\n', '"'), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.subarray(SYMBOLS, { minLength: 1 }), between, (genes, parts) => {
        expect(parseGenes(genes.join(parts.join('')), names)).toEqual(genes);
      }),
    );
  });
});

describe('matchGenes', () => {
  it('tells matched, renamed, missing, mangled and repeated names apart', () => {
    const match = matchGenes(
      ['KRT8', 'HER2', 'ERBB2', 'krt8', 'XYZ', '2-Sep', '1-Mar', 'XYZ'],
      names,
    );
    expect([...match.places]).toEqual([0, 3, 10]);
    expect(match.renamed).toEqual([
      { given: 'HER2', symbol: 'ERBB2', how: 'alias' },
      { given: '2-Sep', symbol: 'SEPT2', how: 'date' },
    ]);
    expect(match.duplicates).toEqual(['ERBB2', 'krt8', 'XYZ']);
    expect(match.missing).toEqual(['XYZ']);
    expect(match.mangled).toEqual([{ given: '1-Mar', meant: ['MARCH1', 'MARC1'] }]);
    expect(match.asked).toBe(5);
  });

  it('finds places once and in order, whatever is asked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...SYMBOLS, 'HER2', 'XYZ', '2-Sep', '1-Mar')),
        (given) => {
          const match = matchGenes(given, names);
          expect([...match.places]).toEqual([...new Set(match.places)].sort((a, b) => a - b));
          expect(match.places.length + match.missing.length + match.mangled.length).toBe(
            match.asked,
          );
          expect(match.asked + match.duplicates.length).toBe(given.length);
        },
      ),
    );
  });
});

describe('refusalOf', () => {
  const refusal = (given: string[]) => refusalOf(matchGenes(given, names), names);
  const unknown = (count: number) => Array.from({ length: count }, (_, i) => `NO${i}`);

  it('lets a prompt through at 10 genes and 60 %', () => {
    expect(refusal(SYMBOLS.slice(0, 12))).toBeNull();
    expect(refusal([...SYMBOLS.slice(0, 12), ...unknown(8)])).toBeNull();
  });

  it('says why it refuses', () => {
    expect(refusal([])).toMatch(/is empty/);
    expect(refusal([...SYMBOLS.slice(0, 12), ...unknown(9)])).toMatch(/12 of 21 genes.*57 %/);
    expect(refusal(SYMBOLS.slice(0, 9))).toMatch(/9 of 9 genes.*at least 10/);
    expect(refusal(SYMBOLS)).toMatch(/every gene/);
    expect(refusal(['ERBB2', '1-Mar'])).toMatch(/dates \(1-Mar, which was MARCH1 or MARC1\)/);
    expect(refusal(['ERBB2', 'ENSG00000141736', 'ENSG00000091831'])).toMatch(/Ensembl ids/);
  });
});

describe('minus', () => {
  it('takes genes away under any of their names', () => {
    const rest = minus(
      set('A', ['ERBB2', 'SEPT2', 'KRT8', 'NEW1']),
      set('B', ['HER2', 'SEPTIN2', 'new1']),
      names,
    );
    expect(rest).toMatchObject({ name: 'A minus B', genes: ['KRT8'], source: 'test' });
  });

  it('leaves nothing of A minus A, and all of A minus nothing', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...SYMBOLS)), (genes) => {
        expect(minus(set('A', genes), set('A', genes), names).genes).toEqual([]);
        expect(minus(set('A', genes), set('B', []), names).genes).toEqual(genes);
      }),
    );
  });
});

describe('the shipped Hallmark sets', () => {
  it('are 50, with licence and source', () => {
    const shipped = parseCollection(
      JSON.parse(readFileSync('public/genesets/hallmark.json', 'utf8')),
    );
    expect(shipped.sets).toHaveLength(50);
    expect(shipped.licence).toBe('CC BY 4.0');
    expect(new Set(shipped.sets.flatMap((s) => s.genes)).size).toBe(4384);
    for (const s of shipped.sets) {
      expect(s.description).toMatch(/\.$/);
      expect(s.source).toMatch(/^https?:/);
    }
  });

  it('are refused when the file is another', () => {
    expect(() => parseCollection({ format: 'other', sets: [] })).toThrow(/not one of Cytolens/);
    expect(() => parseCollection(null)).toThrow(/not one of Cytolens/);
  });
});
