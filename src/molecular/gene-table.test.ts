import { readFileSync } from 'node:fs';
import { gzipSync, strToU8 } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { GeneNames } from './gene-names.ts';
import { namesBeside } from './gene-table.ts';
import { parseCollection } from './genesets.ts';
import { promptOf } from './prompt.ts';

const TABLE = strToU8(
  '# a comment\nERBB2\t141736\tNGL\tHER-2 CD340\nBRINP3\t162670\tFAM5C\tDBCCR1L\nTP53\t141510\t\tp53\n',
);

describe('namesBeside', () => {
  it('gives ids, former symbols and aliases of the genes a model knows', async () => {
    const beside = await namesBeside(TABLE, ['ERBB2', 'TP53']);
    expect(beside.get('ENSG00000141736')).toBe('ERBB2');
    expect(beside.get('NGL')).toBe('ERBB2');
    expect(beside.get('P53')).toBe('TP53');
    expect(beside.has('FAM5C')).toBe(false);
  });

  it('leads to a former symbol where the model knows the gene by that', async () => {
    const beside = await namesBeside(TABLE, ['FAM5C']);
    expect(beside.get('BRINP3')).toBe('FAM5C');
    expect(beside.get('ENSG00000162670')).toBe('FAM5C');
  });

  it('is read gzipped', async () => {
    const beside = await namesBeside(gzipSync(TABLE), ['TP53']);
    expect(beside).toEqual(await namesBeside(TABLE, ['TP53']));
  });
});

describe('the table that ships', () => {
  const shipped = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url));
  const vocabulary = JSON.parse(shipped('models/molecular-c/vocabulary.json').toString());
  const symbols: string[] = vocabulary.genes.split(' ');
  let names: GeneNames;

  beforeAll(async () => {
    const beside = await namesBeside(shipped('public/genesets/genes.tsv.gz'), symbols);
    names = new GeneNames(symbols, beside);
  });

  it.each([
    ['ENSG00000141736', 'ERBB2'],
    ['ENSG00000141736.18', 'ERBB2'],
    ['ensg00000148773', 'MKI67'],
    ['HER2', 'ERBB2'],
    ['CD340', 'ERBB2'],
    ['ATP5F1A', 'ATP5A1'],
  ])('reads %s as %s', (given, symbol) => {
    expect(names.resolve(given)).toMatchObject({ kind: 'known', symbol });
  });

  it('leads nowhere else than to the model’s own symbols', () => {
    for (const symbol of symbols) {
      expect(names.resolve(symbol)).toMatchObject({ how: 'symbol', symbol });
    }
  });

  it('knows an id for nearly every gene of the model', async () => {
    const beside = await namesBeside(shipped('public/genesets/genes.tsv.gz'), symbols);
    const withId = new Set(
      [...beside].filter(([name]) => name.startsWith('ENSG')).map(([, s]) => s),
    );
    expect(withId.size / symbols.length).toBeGreaterThan(0.97);
  });

  it('finds no further genes in the Hallmark sets than were tested', () => {
    const { sets } = parseCollection(
      JSON.parse(shipped('public/genesets/hallmark.json').toString()),
    );
    const spectrum = JSON.parse(shipped('models/molecular-c/spectrum.json').toString());
    const untested = sets.filter((set) => promptOf(set, names, spectrum).tested === null);
    expect(untested.map(({ name }) => name)).toEqual([]);
  });
});
