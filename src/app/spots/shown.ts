/** What is told of loaded spots, and what colours them. */
import { median } from 'd3-array';
import { type Prompt, readableName } from '../../molecular/prompt.ts';
import { patientOf } from '../../molecular/spatial/role.ts';
import type { SpotSummary } from '../../molecular/spatial/spatial.ts';
import { type Comparison, spanOf, valuesOf } from './comparing.ts';
import type { AnswerId, LoadedSpots, ShownSpots, SpotsView } from './state.ts';

/** um/px of slide and lattice that differ by more than this share are told. */
const SCALE_APART = 0.05;

/** Facts of spots on a slide of `slideMpp` um/px (null: it takes that of the lattice). */
export function loadedFrom(table: SpotSummary, slideMpp: number | null): LoadedSpots {
  const { layout, name, x, genes, totals, diameterUm, mpp } = table;
  const notes = [...table.notes];
  if (slideMpp === null && mpp) {
    notes.push(
      `The scale of the slide was taken from the spots’ lattice: ${mpp.toFixed(3)} µm/px.`,
    );
  } else if (slideMpp && mpp && Math.abs(slideMpp / mpp - 1) > SCALE_APART) {
    notes.push(
      `The slide is said to have ${slideMpp.toFixed(3)} µm/px, but the spots’ lattice tells ${mpp.toFixed(3)}: one of them is wrong, or this is not the picture the spots were measured on.`,
    );
  }
  return {
    layout,
    name,
    spots: x.length,
    genes: genes.length,
    depth: median(totals) ?? 0,
    diameterUm,
    mpp,
    notes,
    patient: patientOf(layout, name),
  };
}

/** One value a spot, NaN where there is none, and its legend. */
interface Coloured {
  values: ArrayLike<number>;
  shown: ShownSpots;
}

export function shownGene(symbol: string, values: Float32Array): Coloured {
  const [low, high] = spanOf(values);
  const unit = 'log1p of counts per 10,000 molecules';
  return {
    values,
    shown: { title: symbol, unit, map: 'viridis', low: Math.min(0, low), high },
  };
}

/** Without gene and set: how many molecules a spot gave. */
export function shownDepth(totals: Float64Array): Coloured {
  const values = totals.map((total) => Math.log10(Math.max(1, total)));
  const [low, high] = spanOf(values);
  const unit = 'log10 of molecules in the spot';
  return { values, shown: { title: 'Depth', unit, map: 'viridis', low, high } };
}

/** `spots` is the number of all spots, of which some were compared. */
export function shownSet(
  set: { columns: Comparison; prompt: Prompt; view: SpotsView; answer: AnswerId },
  spots: number,
): Coloured {
  const { columns, prompt, view, answer } = set;
  const own = valuesOf(columns, view, answer);
  const values = new Float64Array(spots).fill(Number.NaN);
  columns.rows.forEach((row, i) => {
    values[row] = own[i];
  });
  const isDifference = view === 'difference';
  const [low, high] = spanOf(own, isDifference);
  return {
    values,
    shown: {
      title: readableName(prompt.set.name),
      unit: 'ranks from the mean of the spots',
      map: isDifference ? 'vik' : 'viridis',
      low,
      high,
    },
  };
}
