/** What the colours mean when the cells come from a file: never a prediction of ours. */
import type { Legend } from '../overlay/legend.ts';
import type { Imported } from './transfer-state.ts';

/** The overlay's legend in the words of the file. */
export function importedLegend(legend: Legend | null, { report }: Imported): Legend | null {
  if (!legend) return null;
  if (legend.value === 'type') return { ...legend, title: 'Cell type, imported' };
  if (report.prediction !== null) return { ...legend, title: `${legend.title}, imported` };
  if (legend.value === 'attention' || report.value === null) {
    return { ...legend, title: 'No such values', unit: 'The imported file does not hold them.' };
  }
  const [low, high] = legend.domain;
  const ticks = [low, 0, high].map((value) =>
    String(Number(value.toPrecision(2))).replace('-', '\u2212'),
  ) as [string, string, string];
  return {
    ...legend,
    title: `${report.value}, imported`,
    unit: 'as in the file, no unit known',
    ticks,
  };
}
