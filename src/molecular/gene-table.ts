/**
 * The table of gene names that comes with the viewer (genesets/genes.tsv.gz, HGNC, CC0): a line a
 * gene, with symbol, number of the Ensembl id, former symbols and aliases between tabs, and each
 * name once. training/molecular/genenames.py writes it.
 */
import { gunzipped } from '../core/gzip.ts';

/** Ensembl ids of human genes hold a number of eleven digits. */
const DIGITS = 11;
/** Unpacked; the table has 1 MB. */
const MOST_BYTES = 16 << 20;

/**
 * Every other name of a gene that `symbols` holds -> its symbol there, which may be a former one.
 * All names are in upper case. Throws `truncated` for a table that was cut off.
 */
export async function namesBeside(
  table: Uint8Array,
  symbols: readonly string[],
): Promise<Map<string, string>> {
  const known = new Set(symbols.map((symbol) => symbol.toUpperCase()));
  const beside = new Map<string, string>();
  const text = new TextDecoder().decode(await gunzipped('genes.tsv.gz', table, MOST_BYTES));
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [symbol, number, former = '', aliases = ''] = line.toUpperCase().split('\t');
    const names = [symbol, ...former.split(' '), ...aliases.split(' ')];
    const here = names.find((name) => known.has(name));
    if (here === undefined) continue;
    if (number) beside.set(`ENSG${number.padStart(DIGITS, '0')}`, here);
    for (const name of names) if (name !== '' && !known.has(name)) beside.set(name, here);
  }
  return beside;
}
