import { describe, expect, it } from 'vitest';
import type { Spectrum } from './alignment.ts';
import { GeneNames } from './gene-names.ts';
import type { GeneSet } from './genesets.ts';
import {
  caveatOf,
  combined,
  NOT_READABLE,
  pastedSet,
  promptOf,
  readableName,
  type Tested,
} from './prompt.ts';

const SYMBOLS = Array.from({ length: 40 }, (_, i) => `GENE${i}`);
const names = new GeneNames([...SYMBOLS, 'SEPT2']);
const genes = (from: number, to: number) => SYMBOLS.slice(from, to);
const set = (name: string, list: string[]): GeneSet => ({
  name,
  description: '',
  source: 's',
  genes: list,
});

function figures(readable: boolean): Tested['predictor'] {
  const span: [number, number, number] = [0.1, 0, 0.2];
  return { rho: span, rho_given_depth: span, r2: span, slope: 1, readable, beyond_depth: false };
}
const spectrum: Spectrum = {
  format: 'cytolens-spectrum/1',
  trained: 'C',
  tested: 'B',
  spots: 10,
  sets: [{ name: 'S', genes: 12, matched: 12, predictor: figures(true), knn: figures(false) }],
};

describe('promptOf', () => {
  it('knows the held-out figures of a tested set, answer by answer', () => {
    const prompt = promptOf(set('S', genes(0, 12)), names, spectrum);
    expect(prompt.refusal).toBeNull();
    expect(prompt.symbols).toEqual(genes(0, 12));
    expect(caveatOf(prompt, 'predictor', null)).toBeNull();
    expect(caveatOf(prompt, 'knn', null)).toBe(NOT_READABLE);
  });

  it('does not lend them to a set of the same name and other genes', () => {
    const prompt = promptOf(set('S', genes(0, 13)), names, spectrum);
    expect(prompt.tested).toBeNull();
    expect(caveatOf(prompt, 'predictor', null)).toMatch(/not tested/);
  });

  it.each([
    ['', /empty/],
    ['GENE0 GENE1', /knows 2 of 2 .* needs at least 10/],
    [[...genes(0, 12), ...Array.from({ length: 20 }, (_, i) => `NO${i}`)].join(','), /37 %/],
    [['MAR-01', '1-Mar', 'DEC-31', ...genes(0, 2)].join('\n'), /spreadsheet has turned/],
  ])('refuses %j with a sentence', (text, sentence) => {
    expect(promptOf(pastedSet(text, names), names, spectrum).refusal).toMatch(sentence);
  });

  it('scores a pasted set once a gene, dates put right', () => {
    const text = [...genes(0, 11), 'gene0', '2-Sep'].join('; ');
    const { match, refusal, symbols } = promptOf(pastedSet(text, names), names, spectrum);
    expect(refusal).toBeNull();
    expect(match.duplicates).toEqual(['gene0']);
    expect(symbols).toEqual([...genes(0, 11), 'SEPT2']);
  });
});

describe('combined', () => {
  it('takes genes out, and the combination counts as not tested', () => {
    const without = combined(set('S', genes(0, 24)), set('T', genes(12, 24)), names);
    expect(without.genes).toEqual(genes(0, 12));
    expect(promptOf(without, names, spectrum).tested).toBeNull();
  });
});

describe('readableName', () => {
  it('reads a Hallmark name, and leaves others', () => {
    expect(readableName('HALLMARK_MYC_TARGETS_V1')).toBe('MYC targets V1');
    expect(readableName('HALLMARK_TNFA_SIGNALING_VIA_NFKB')).toBe('TNF-α signaling via NF-κB');
    expect(readableName('HALLMARK_MTORC1_SIGNALING')).toBe('mTORC1 signaling');
    expect(readableName('HALLMARK_P53_PATHWAY')).toBe('p53 pathway');
    expect(readableName('HALLMARK_HEME_METABOLISM')).toBe('Heme metabolism');
    expect(readableName('my T cells')).toBe('my T cells');
    expect(readableName('HALLMARK_HYPOXIA minus my_set')).toBe('Hypoxia minus my_set');
  });
});
