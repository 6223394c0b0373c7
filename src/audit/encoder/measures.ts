/**
 * What an audit tells, row by row, in the words and order in which page, report and command line show
 * it: name, value with its interval, what is neutral, and the definition with its source.
 */
import { formatNumber } from '../../core/units.ts';
import type { Estimate, Robustness } from '../robustness.ts';
import type { EncoderAudit } from './encoder-audit.ts';

/** A number as shown; null where there is none. */
export interface Told {
  value: number | null;
  text: string;
  /** The 95 % interval, as text; empty where there is none. */
  interval: string;
}

export interface Measure {
  id: string;
  section: Section;
  name: string;
  /** What the number is of, or where neither good nor bad begins. */
  scale: string;
  /** What it is and where it comes from. */
  about: string;
  /** Null where this audit has no such part. */
  of(audit: EncoderAudit): Told | null;
}

export const SECTIONS = [
  'Robustness between centres',
  'Clusters',
  'Rotation',
  'Field size',
  'Retrieval',
  'A confounded task',
  'Embedding',
  'Cost',
] as const;
export type Section = (typeof SECTIONS)[number];

export const MEASURES: readonly Measure[] = [
  ...inSection('Robustness between centres', [
    {
      ...{ id: 'index', name: 'Robustness index', scale: '0 to 1, neutral 0.5' },
      about:
        'SO / (SO + OS): among the k nearest outside of the own slide or patient, the share that has the same biology and another centre, of those that share one and not the other; counts pooled (PathoROB, arXiv:2507.17845).',
      of: ({ measures: { robustness } }) => asked(robustness, robustness.index),
    },
    {
      ...{ id: 'index-both', name: 'Index where it can be asked', scale: '0 to 1, neutral 0.5' },
      about:
        'The index over samples that could have either neighbour: their class was seen by another centre, and their centre saw another class, in other slides or patients. A class of one centre has no SO at all and pulls the index above down, whatever the encoder does.',
      of: ({ measures: { robustness } }) => estimated(robustness.answerableIndex),
    },
    {
      ...{ id: 'ratio', name: 'Robustness ratio', scale: 'from 0, neutral 1' },
      about: '(SS + SO) / (SS + OS) over the same neighbours (arXiv:2501.18055).',
      of: ({ measures: { robustness } }) => asked(robustness, robustness.ratio),
    },
    {
      ...{ id: 'mari', name: 'Margin-aware index (MaRI)', scale: '0 to 1, neutral 0.5' },
      about:
        'The robustness index with each neighbour weighed by e^(−d / tau); tau is the median cosine distance of SO and OS neighbours: what is near counts more (after PathoROB, arXiv:2507.17845).',
      of: ({ measures: { robustness } }) => asked(robustness, robustness.marginAware),
    },
    {
      ...{ id: 'croma', name: 'Margin (CRoMa), median', scale: '−1 to 1, neutral 0' },
      about:
        '(d_OS − d_SO) / (d_OS + d_SO) of each sample, by the mean distance of its 5 nearest SO and OS anywhere; above 0, its own kind elsewhere is nearer than the other kind at home.',
      of: ({ measures: { robustness } }) => estimated(robustness.margin),
    },
    {
      ...{ id: 'croma-low', name: 'Margin, mean of the lowest 10 %', scale: '−1 to 1' },
      about: 'The mean of the margins up to their tenth percentile: how bad it gets.',
      of: ({ measures: { robustness } }) => estimated(robustness.marginLow),
    },
    {
      ...{ id: 'croma-bad', name: 'Margins at or below 0', scale: 'share of samples' },
      about: 'The share of samples whose margin is at or below 0.',
      of: ({ measures: { robustness } }) => estimated(robustness.marginNotPositive),
    },
    {
      ...{ id: 'support', name: 'Support', scale: 'share of samples' },
      about:
        'The share of samples with any SO or OS among their k nearest: the index speaks of these alone.',
      of: ({ measures: { robustness } }) => plain(robustness.support),
    },
    {
      ...{ id: 'counts', name: 'Neighbours SS, SO, OS, OO', scale: 'pairs' },
      about: 'Neighbours by same (S) or other (O) biology, then same or other centre.',
      of: ({ measures: { robustness } }) => {
        const { ss, so, os, oo } = robustness.counts;
        return words([ss, so, os, oo].map((n) => n.toLocaleString('en')).join(', '));
      },
    },
    {
      ...{ id: 'k', name: 'k, and how well it tells biology', scale: 'balanced accuracy' },
      about:
        'The number of neighbours is the one whose majority vote tells biology best (balanced accuracy over classes of two slides or more) of 1, 3, 5, 11, 21 and 51.',
      of: ({ measures: { robustness } }) => {
        const found = robustness.accuracies.find(({ k }) => k === robustness.k);
        return words(`${robustness.k}: ${(found?.accuracy ?? 0).toFixed(3)}`);
      },
    },
  ]),
  ...inSection('Clusters', [
    {
      ...{ id: 'ari', name: 'Biology less centre', scale: '−1 to 1, neutral 0' },
      about:
        'Adjusted Rand index of k-means clusters with biology, less that with the centre; mean over 20 trials ± their standard deviation (PathoROB).',
      of: ({ measures: { clusters } }) => ({
        ...plain(clusters.score),
        interval: `± ${clusters.deviation.toFixed(3)}`,
      }),
    },
    {
      ...{ id: 'ari-both', name: 'With biology, with centre', scale: 'adjusted Rand index' },
      about:
        'The two terms, at the number of clusters with the best silhouette. 0 as by chance, 1 the same.',
      of: ({ measures: { clusters: c } }) =>
        words(
          `${formatNumber(c.biology, 3)}, ${formatNumber(c.centre, 3)} (${c.clusters} clusters)`,
        ),
    },
  ]),
  ...inSection('Rotation', [
    {
      ...{ id: 'quarter', name: 'Kept at 90°, 180°, 270°', scale: 'm-kNN, 0 to 1' },
      about:
        'Mutual nearest neighbours: the share of a tile’s k nearest in the batch that stay when all tiles are turned. Quarter turns move pixels exactly. It depends on the batch’s size (arXiv:2510.23807).',
      of: ({ rotation }) => rotation && estimated(rotation.quarter),
    },
    {
      ...{ id: 'between', name: 'Kept at the 20 other angles', scale: 'm-kNN, 0 to 1' },
      about:
        'The same, every 15° between quarter turns, by cubic interpolation; the field’s corners show other tissue. Where a tile has none around it, only its middle that is seen at every angle is compared.',
      of: ({ rotation }) => rotation && estimated(rotation.between),
    },
    {
      ...{ id: 'turned', name: 'Tiles, k, chance', scale: 'of the rotation' },
      about: 'Tiles of the batch, neighbours compared, and the share that chance alone would keep.',
      of: ({ rotation }) =>
        rotation && words(`${rotation.samples}, ${rotation.k}, ${rotation.chance.toFixed(2)}`),
    },
  ]),
  ...inSection('Field size', [
    sizeRow(
      'half-scale',
      'Half the field, same scale',
      'Its middle half at the encoder’s scale, continued by its mirror image, as the input has a fixed size.',
    ),
    sizeRow(
      'half-detail',
      'Whole field, half the detail',
      'All of its tissue, at twice the µm per px.',
    ),
    sizeRow(
      'double-scale',
      'Four fields, same scale',
      'Twice the field’s side in four looks, embeddings averaged.',
    ),
    sizeRow(
      'double-context',
      'Twice the field, half the detail',
      'Twice the field’s side in one look, at twice the µm per px.',
    ),
  ]),
  ...inSection('Retrieval', [
    {
      ...{ id: 'dense', name: 'One vector a tile', scale: 'macro F1, 0 to 1' },
      about:
        'The class that most of the 5 most similar tiles are of (cosine), outside of the own slide or patient; mean F1 over classes.',
      of: ({ retrieval }) => part(retrieval, ({ dense }) => estimated(dense)),
    },
    {
      ...{ id: 'multi', name: 'Many vectors a tile', scale: 'macro F1, 0 to 1' },
      about:
        'The same by MaxSim: the sum over patch tokens of their best match (ColBERT, arXiv:2004.12832); tokens averaged 2 × 2.',
      of: ({ retrieval }) => part(retrieval, ({ multi }) => estimated(multi)),
    },
    {
      ...{ id: 'f1-spread', name: 'Spread over classes', scale: 'F1 points' },
      about: 'Largest less smallest F1 of a class, by one vector, in points of 100.',
      of: ({ retrieval }) =>
        part(retrieval, ({ classes }) => {
          const all = classes.map(({ dense }) => 100 * dense);
          return all.length < 2 ? null : points(Math.max(...all) - Math.min(...all));
        }),
    },
    {
      ...{ id: 'asked', name: 'Queries, tiles to find', scale: 'tiles' },
      about: 'Classes that only one slide or patient has are not asked for, but can be found.',
      of: ({ retrieval }) => part(retrieval, ({ samples, among }) => words(`${samples}, ${among}`)),
    },
  ]),
  ...inSection('A confounded task', [
    {
      ...{ id: 'apd', name: 'Average performance drop', scale: '0: nothing lost' },
      about:
        'Two classes from two centres, told apart by a linear probe (ridge): mean of accuracy with confounded training data over that with balanced data, less 1 (arXiv:2507.17845). Test data are balanced and share no slide or patient with training.',
      of: ({ task }) => part(task, ({ drop }) => plain(drop)),
    },
    {
      ...{ id: 'nipd', name: 'Integrated degradation (nIPD)', scale: '−0.5: straight to chance' },
      about:
        'Area under the loss of skill over Cramér’s V of class and centre in training, 0 to 1; −0.5 is a straight fall to chance.',
      of: ({ task }) =>
        part(task, ({ degradation }) => (degradation === null ? null : plain(degradation))),
    },
    {
      ...{ id: 'task', name: 'The task', scale: 'classes; centres' },
      about: 'The two classes and two centres with most samples in common.',
      of: ({ task }) =>
        part(task, ({ classes, centres }) =>
          words(`${classes.join(' or ')}; ${centres.join(' and ')}`),
        ),
    },
  ]),
  ...inSection('Embedding', [
    {
      ...{ id: 'rank', name: 'Effective rank', scale: '1 to dimensions' },
      about:
        'exp of the entropy of the normalised singular values of the centred embeddings (Roy and Vetterli 2007). No interval: it describes this set.',
      of: ({ measures: { spectrum }, set }) => ({
        ...plain(spectrum.effectiveRank),
        text: `${spectrum.effectiveRank.toFixed(1)} of ${set.dim}`,
      }),
    },
    {
      ...{ id: 'skew', name: 'Skewness, excess kurtosis', scale: '0, 0: normal' },
      about: 'Mean over dimensions of |skewness| and of the excess kurtosis.',
      of: ({ measures: { spectrum } }) =>
        words(`${formatNumber(spectrum.skewness)}, ${formatNumber(spectrum.kurtosis)}`),
    },
  ]),
  ...inSection('Cost', [
    {
      ...{ id: 'ms', name: 'Time of a tile', scale: 'ms, median' },
      about:
        'The encoder’s call alone on this machine, the median of 16 after all others, one tile at a time.',
      of: ({ cost }) => cost && { ...plain(cost.ms), text: cost.ms.toFixed(0) },
    },
    {
      ...{ id: 'bytes', name: 'Weights; tensors of a tile', scale: 'MB' },
      about: 'What is loaded once, and what goes into and out of the encoder with every tile.',
      of: ({ cost, encoder }) =>
        cost && encoder && words(`${mb(encoder.bytes)}; ${mb(cost.tensorBytes)}`),
    },
  ]),
];

/** Fields of the slide that energy is told for. */
export const SLIDE_FIELDS = 5000;

/** Estimated energy of a slide of `SLIDE_FIELDS` fields at `watts`, Wh. */
export function slideEnergy({ ms }: { ms: number }, watts: number): number {
  return (SLIDE_FIELDS * ms * watts) / 3_600_000;
}

type Row = Omit<Measure, 'section'>;

function inSection(section: Section, rows: readonly Row[]): Measure[] {
  return rows.map((row) => ({ ...row, section }));
}

function sizeRow(id: string, name: string, what: string): Row {
  return {
    id,
    name,
    scale: 'm-kNN, 0 to 1',
    about: `${what} The share of neighbours kept against the field as it is, in the rotation’s batch.`,
    of: ({ sizes }) => {
      const view = sizes?.views.find((one) => one.id === id);
      return view ? estimated(view.kept) : null;
    },
  };
}

/** A 0 that no encoder could help, as no class was seen by two centres, is no number. */
function asked({ answerable }: Robustness, estimate: Estimate): Told {
  return estimated(answerable > 0 ? estimate : { value: null, interval: null });
}

/** A part that may be missing, or be a sentence that says why. */
function part<T extends object>(value: T | string | null, tell: (value: T) => Told | null) {
  return value === null || typeof value === 'string' ? null : tell(value);
}

function estimated({ value, interval }: Estimate): Told {
  return {
    value,
    text: value === null ? '–' : signed(value),
    interval: interval ? `${signed(interval[0])} to ${signed(interval[1])}` : '',
  };
}

function plain(value: number): Told {
  return estimated({ value, interval: null });
}

function points(value: number): Told {
  return { value, text: value.toFixed(0), interval: '' };
}

function words(text: string): Told {
  return { value: null, text, interval: '' };
}

function signed(value: number): string {
  return formatNumber(value, 3);
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}
