/** The legend as data: what the colours mean, from which to which value, in which unit. */
import { cssColor, cssGradient, type Rgb } from '../core/colormap.ts';
import { formatLength, formatSigned } from '../core/units.ts';
import {
  colorMapOf,
  type Domain,
  hatchOf,
  levelOf,
  lineStepOf,
  type OverlayStyle,
  type OverlayValue,
  type ShownMode,
  SPARSE_CELLS,
} from './style.ts';

export interface Legend {
  value: OverlayValue;
  title: string;
  /** 'cells', or 'sum per grid (64 um)'. */
  shows: string;
  unit: string;
  /** A continuous scale: CSS gradient, and labels at low end, middle and high end. */
  gradient: string | null;
  ticks: readonly [low: string, middle: string, high: string] | null;
  /** Where the threshold cuts, as shares 0..1 of the ramp. */
  cuts: number[];
  /** A categorical scale; `count` is of all cells found. */
  categories: { name: string; color: string; count: number }[];
  /** Ends of the colour scale: what a threshold slider spans. */
  domain: Domain;
  /** How heatmap squares are to be read; null while cells are shown. */
  grid: { lines: string | null; sparse: string | null } | null;
}

export interface LegendInput {
  style: OverlayStyle;
  shown: Exclude<ShownMode, 'none'>;
  domain: Domain;
  /** Where the threshold cuts, in units of the domain. */
  cut: number;
  /** Side of a grid square, um. */
  gridUm: number;
  /** Whether filters leave cells out. */
  gated: boolean;
  types: readonly string[];
  colours: readonly Rgb[];
  counts: ArrayLike<number>;
}

export function legendOf(input: LegendInput): Legend {
  const { style, shown, domain, gridUm, gated } = input;
  const perGrid = (what: string) =>
    `${what} per grid (${formatLength(gridUm)})${gated ? ', filtered' : ''}`;
  const cells = shown === 'cells';
  const shownCells = gated ? 'cells, filtered' : 'cells';
  const common = { value: style.value, domain, grid: cells ? null : gridNotes(style, domain) };
  if (style.value === 'type') {
    return {
      ...common,
      title: 'Cell type, predicted',
      shows: cells ? shownCells : perGrid('most frequent'),
      unit: '',
      gradient: null,
      ticks: null,
      cuts: [],
      categories: categoriesOf(input),
    };
  }
  const shows = cells ? shownCells : perGrid('sum');
  if (style.value === 'attention') {
    return {
      ...common,
      title: cells ? 'Attention per µm²' : 'Attention',
      shows,
      unit: attentionUnit(style, cells),
      gradient: cssGradient(colorMapOf(style)),
      ticks: attentionTicks(style, cells, domain),
      cuts: cutsOf(input),
      categories: [],
    };
  }
  return {
    ...common,
    title: style.renamed?.title ?? 'Contribution',
    shows,
    unit: style.renamed?.unit ?? contributionUnit(style),
    gradient: cssGradient('vik'),
    ticks: contributionTicks(domain, style.renamed?.ends),
    cuts: cutsOf(input),
    categories: [],
  };
}

function contributionUnit(style: OverlayStyle): string {
  return levelOf(style) === 'slide' ? 'to the logit of the slide' : 'to the logit of its field';
}

function attentionUnit(style: OverlayStyle, cells: boolean): string {
  const whole = levelOf(style) === 'slide' ? 'the slide’s' : cells ? 'its field’s' : 'a field’s';
  if (!cells) return `share of ${whole} attention`;
  if (style.attentionScale === 'rank') return 'rank among analysed cells';
  return `share of ${whole}, per µm²`;
}

/** The rules by which squares are lined and hatched, in words. */
function gridNotes(style: OverlayStyle, domain: Domain): Legend['grid'] {
  const step = lineStepOf(style, domain);
  const attention = style.value === 'attention';
  const every = attention ? `${Number((step * 100).toPrecision(2))} %` : step.toPrecision(2);
  return {
    lines: step > 0 ? `a line every ${every}` : null,
    sparse: hatchOf(style) ? `hatched: fewer than ${SPARSE_CELLS} cells` : null,
  };
}

function attentionTicks(style: OverlayStyle, cells: boolean, [low, high]: Domain): Legend['ticks'] {
  if (cells && style.attentionScale === 'rank') return ['lowest', 'median', 'highest'];
  const percent = (v: number) => `${Number((v * 100).toPrecision(2))} %`;
  return [percent(low), percent((low + high) / 2), percent(high)];
}

function contributionTicks(
  [low, high]: Domain,
  [against, pro]: readonly [string, string] = ['against', 'for'],
): Legend['ticks'] {
  const digits = high >= 1 ? 1 : Math.min(5, Math.ceil(-Math.log10(high)) + 1);
  return [`${against} ${formatSigned(low, digits)}`, '0', `${pro} ${formatSigned(high, digits)}`];
}

function cutsOf({ style, cut, domain: [low, high] }: LegendInput): number[] {
  if (style.threshold <= 0) return [];
  const at = (value: number) => Math.min(1, Math.max(0, (value - low) / (high - low)));
  return style.value === 'contribution' ? [at(-cut), at(cut)] : [at(cut)];
}

function categoriesOf({ types, colours, counts }: LegendInput): Legend['categories'] {
  return types.map((name, i) => ({ name, color: cssColor(colours[i]), count: counts[i] }));
}
