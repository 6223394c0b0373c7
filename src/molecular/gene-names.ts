/**
 * Gene names as people write them, looked up in a model's vocabulary: symbols, aliases, Ensembl ids,
 * and names that a spreadsheet has turned into dates.
 *
 * HGNC's own names come from gene-table.ts, and from data that list ids beside symbols. What is
 * here: former symbols of Hallmark genes (renamed.json, which training reads too), the families that
 * HGNC renamed because spreadsheets mangle them (Bruford et al. 2020, Nature Genetics 52:754), and
 * protein names of pathology reports.
 */
import formerSymbols from './renamed.json' with { type: 'json' };

export type Resolution =
  /** In the vocabulary, at `place`; `how` tells when it was not its symbol. */
  | { kind: 'known'; place: number; symbol: string; how: 'symbol' | 'alias' | 'id' | 'date' }
  /** Looks like a date that a spreadsheet made of one of `meant`, and is not used. */
  | { kind: 'mangled'; meant: string[] }
  /** A gene name, as far as one can see, that the vocabulary lacks. */
  | { kind: 'missing' };

/** What reports and antibodies say -> symbol. */
const PROTEINS: Record<string, string> = {
  HER2: 'ERBB2',
  'HER-2': 'ERBB2',
  NEU: 'ERBB2',
  HER3: 'ERBB3',
  HER1: 'EGFR',
  ER: 'ESR1',
  PR: 'PGR',
  'AR-V7': 'AR',
  KI67: 'MKI67',
  'KI-67': 'MKI67',
  P53: 'TP53',
  P16: 'CDKN2A',
  P21: 'CDKN1A',
  P27: 'CDKN1B',
  P40: 'TP63',
  P63: 'TP63',
  'PD-L1': 'CD274',
  PDL1: 'CD274',
  'PD-1': 'PDCD1',
  PD1: 'PDCD1',
  'CTLA-4': 'CTLA4',
  CD8: 'CD8A',
  CD3: 'CD3E',
  CD20: 'MS4A1',
  CD45: 'PTPRC',
  CD31: 'PECAM1',
  CD56: 'NCAM1',
  CD117: 'KIT',
  CD10: 'MME',
  CD21: 'CR2',
  CD11B: 'ITGAM',
  CD11C: 'ITGAX',
  CD16: 'FCGR3A',
  CD138: 'SDC1',
  CD25: 'IL2RA',
  CD326: 'EPCAM',
  SMA: 'ACTA2',
  ASMA: 'ACTA2',
  VIMENTIN: 'VIM',
  DESMIN: 'DES',
  'E-CADHERIN': 'CDH1',
  'N-CADHERIN': 'CDH2',
  'BETA-CATENIN': 'CTNNB1',
  'CYCLIN D1': 'CCND1',
  TTF1: 'NKX2-1',
  'TTF-1': 'NKX2-1',
  'NAPSIN A': 'NAPSA',
  CHROMOGRANIN: 'CHGA',
  SYNAPTOPHYSIN: 'SYP',
  FIBRONECTIN: 'FN1',
  OCT4: 'POU5F1',
  'IFN-G': 'IFNG',
  TNFA: 'TNF',
  'TNF-A': 'TNF',
  IL8: 'CXCL8',
  CK5: 'KRT5',
  CK6: 'KRT6A',
  CK7: 'KRT7',
  CK8: 'KRT8',
  CK14: 'KRT14',
  CK17: 'KRT17',
  CK18: 'KRT18',
  CK19: 'KRT19',
  CK20: 'KRT20',
};

/** Families renamed in 2020: new prefix, old prefix, how many. */
const FAMILIES = [
  ['SEPTIN', 'SEPT', 14],
  ['MARCHF', 'MARCH', 11],
  ['MTARC', 'MARC', 2],
] as const;
const SINGLE = [
  ['DELEC1', 'DEC1'],
  ['SELENOF', 'SEP15'],
] as const;

/** Month of a date -> what may have stood there, by number. */
const MONTHS: Record<string, readonly string[]> = {
  SEP: ['SEPT'],
  SEPT: ['SEPT'],
  MAR: ['MARCH', 'MARC'],
  MARCH: ['MARCH'],
  DEC: ['DEC'],
};
const MONTH = 'JAN|FEB|MARCH|MAR|APR|MAY|JUN|JUL|AUG|SEPT|SEP|OCT|NOV|DEC';
const DAY_FIRST = new RegExp(`^0?(\\d{1,2})[-/. ](${MONTH})([-/. ]\\d{2,4})?$`);
const MONTH_FIRST = new RegExp(`^(${MONTH})[-/. ]0?(\\d{1,2})$`);
const ENSEMBL = /^(ENSG\d{11})(\.\d+)?$/;

/** The names a vocabulary knows. Look-ups ignore case. */
export class GeneNames {
  private readonly places = new Map<string, number>();
  private readonly aliases = new Map<string, string>();

  /**
   * `symbols` in the order of the vocabulary. `more`: further names -> symbol (gene-table.ts), which
   * yield to those above.
   */
  constructor(
    readonly symbols: readonly string[],
    more: ReadonlyMap<string, string> = new Map(),
  ) {
    symbols.forEach((symbol, place) => {
      this.places.set(symbol.toUpperCase(), place);
    });
    for (const [name, symbol] of more) this.aliases.set(idOf(name), symbol.toUpperCase());
    for (const [name, symbol] of renamed()) this.aliases.set(name, symbol);
    for (const [name, symbol] of Object.entries(PROTEINS)) this.aliases.set(name, symbol);
  }

  resolve(name: string): Resolution {
    const key = idOf(name);
    const own = this.places.get(key);
    if (own !== undefined) return this.known(own, 'symbol');
    const alias = this.aliases.get(key);
    const place = alias === undefined ? undefined : this.places.get(alias);
    if (place !== undefined) return this.known(place, ENSEMBL.test(key) ? 'id' : 'alias');
    const meant = dateMeans(key);
    if (!meant) return { kind: 'missing' };
    const only = meant.length === 1 ? this.resolve(meant[0]) : null;
    return only?.kind === 'known' ? { ...only, how: 'date' } : { kind: 'mangled', meant };
  }

  private known(place: number, how: 'symbol' | 'alias' | 'id' | 'date'): Resolution {
    return { kind: 'known', place, symbol: this.symbols[place], how };
  }
}

export function isEnsemblId(name: string): boolean {
  return ENSEMBL.test(idOf(name));
}

/** Upper case; an Ensembl id without its version. */
function idOf(name: string): string {
  const upper = name.trim().toUpperCase();
  return ENSEMBL.exec(upper)?.[1] ?? upper;
}

/** Pairs of a former and a present symbol, both ways: vocabularies are of either time. */
function* renamed(): Generator<[string, string]> {
  for (const [now, old] of renamings()) {
    yield [old, now];
    yield [now, old];
  }
}

function* renamings(): Generator<readonly [now: string, old: string]> {
  yield* Object.entries(formerSymbols);
  yield* SINGLE;
  for (const [now, old, count] of FAMILIES) {
    for (let i = 1; i <= count; i++) yield [`${now}${i}`, `${old}${i}`];
  }
}

/**
 * The genes a date may have been: 2-Sep is SEPT2, 1-Mar is MARCH1 or MARC1. Null when it is not a
 * date; empty when no gene is known that spreadsheets turn into it.
 */
function dateMeans(key: string): string[] | null {
  const [day, month] =
    DAY_FIRST.exec(key)?.slice(1, 3) ?? MONTH_FIRST.exec(key)?.slice(1, 3).reverse() ?? [];
  if (!month) return null;
  const number = Number(day);
  if (month === 'SEP' && number === 15) return ['SEP15'];
  return (MONTHS[month] ?? [])
    .filter((prefix) => {
      const count = FAMILIES.find(([, old]) => old === prefix)?.[2] ?? 1;
      return number >= 1 && number <= count;
    })
    .map((prefix) => `${prefix}${number}`);
}
