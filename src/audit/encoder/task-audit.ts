/**
 * What a task on the embeddings loses as its training labels get entangled with the centre: two
 * classes, each seen by two centres, told apart by a linear probe (arXiv:2507.17845; the measures
 * are in degradation.ts).
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { throwIfAborted } from '../../core/errors.ts';
import { mulberry32 } from '../../core/random.ts';
import { nextTask } from '../../core/tasks.ts';
import { averageDrop, integratedDegradation } from '../degradation.ts';
import type { SampleSet } from '../samples.ts';

/** How entangled class and centre are in training, Cramer's V. */
const STRENGTHS = [0, 0.25, 0.5, 0.75, 1];
const REPETITIONS = 10;
/** Fewest samples of each class from each centre, a half of which trains. */
const LEAST = 16;
/** Training samples a class are a multiple of this: each strength is then reached exactly. */
const STEP = 8;
/** Ridge of the probe, on embeddings of length 1. */
const RIDGE = 1e-2;

export interface TaskAudit {
  classes: [string, string];
  centres: [string, string];
  /** Training and test samples of each repetition. */
  training: number;
  testing: number;
  repetitions: number;
  /** Mean balanced accuracy on balanced test samples, by Cramer's V of the training set. */
  accuracies: { strength: number; accuracy: number }[];
  /** Average performance drop, 0: nothing lost; and integrated degradation, -0.5: a straight fall to chance. */
  drop: number;
  degradation: number | null;
}

interface Cells {
  classes: [number, number];
  centres: [number, number];
  /** Samples by class, then centre. */
  cells: number[][][];
}

/**
 * Of the two classes and centres with most samples in common. A sentence where no such task can be
 * made. Groups are kept together: no group is in training and in test.
 */
export async function auditTask(set: SampleSet, signal?: AbortSignal): Promise<TaskAudit | string> {
  const found = bestCells(set);
  if (!found) {
    return 'No task can be made: it needs two classes that two centres have both seen.';
  }
  const rows: number[][] = STRENGTHS.map(() => []);
  let [training, testing] = [0, 0];
  for (let r = 0; r < REPETITIONS; r++) {
    await nextTask();
    throwIfAborted(signal);
    const split = splitOf(set, found, mulberry32(0xa11 + r));
    if (!split) continue;
    training = split.each * 2;
    testing = split.test.length;
    STRENGTHS.forEach((strength, s) => {
      const train = confounded(split, strength);
      rows[s].push(probe(set, found.classes, train, split.test));
    });
  }
  if (rows[0].length === 0) {
    return `No task can be made: fewer than ${LEAST} samples of each of two classes from each of two centres are left when training and test share no slide or patient.`;
  }
  const means = rows.map((row) => row.reduce((a, b) => a + b, 0) / row.length);
  return {
    classes: [set.biologyNames[found.classes[0]], set.biologyNames[found.classes[1]]],
    centres: [set.centreNames[found.centres[0]], set.centreNames[found.centres[1]]],
    ...{ training, testing, repetitions: rows[0].length },
    accuracies: STRENGTHS.map((strength, s) => ({ strength, accuracy: means[s] })),
    drop: averageDrop(rows),
    degradation: means[0] > 0.5 ? integratedDegradation(rows, STRENGTHS, 0.5) : null,
  };
}

/** The two classes and two centres whose smallest of four cells is largest; null where all have an empty one. */
function bestCells({ n, biology, centre, biologyNames, centreNames }: SampleSet): Cells | null {
  const cells = biologyNames.map(() => centreNames.map((): number[] => []));
  for (let i = 0; i < n; i++) cells[biology[i]][centre[i]].push(i);
  let best: Cells | null = null;
  let most = 0;
  for (let a = 0; a < cells.length; a++) {
    for (let b = a + 1; b < cells.length; b++) {
      for (let c = 0; c < centreNames.length; c++) {
        for (let d = c + 1; d < centreNames.length; d++) {
          const four = [
            [cells[a][c], cells[a][d]],
            [cells[b][c], cells[b][d]],
          ];
          const least = Math.min(...four.flat().map((cell) => cell.length));
          if (least > most) {
            most = least;
            best = { classes: [a, b], centres: [c, d], cells: four };
          }
        }
      }
    }
  }
  return best;
}

interface Split {
  /** Training samples by class, then centre, in random order. */
  train: number[][][];
  test: number[];
  /** Training samples a class. */
  each: number;
}

/** Half the groups train and half test; test is cut to as many of every class and centre. */
function splitOf(set: SampleSet, { cells }: Cells, random: () => number): Split | null {
  const trains = new Map<number, boolean>();
  const parts = cells.map((row) =>
    row.map((cell) => {
      const own = shuffled([...new Set(cell.map((i) => set.group[i]))], random);
      own.forEach((group, at) => {
        if (!trains.has(group)) trains.set(group, at % 2 === 0);
      });
      return shuffled(cell, random);
    }),
  );
  const of = (training: boolean) =>
    parts.map((row) =>
      row.map((cell) => cell.filter((i) => trains.get(set.group[i]) === training)),
    );
  const [train, test] = [of(true), of(false)];
  const fewest = (four: number[][][]) => Math.min(...four.flat().map((cell) => cell.length));
  const each = Math.floor(fewest(train) / STEP) * STEP;
  const tested = fewest(test);
  if (each < LEAST / 2 || tested < LEAST / 2) return null;
  return { train, test: test.flat().flatMap((cell) => cell.slice(0, tested)), each };
}

/** As many samples of both classes; the first class more and more from the first centre, the other from the other. */
function confounded({ train, each }: Split, strength: number): number[] {
  const many = Math.round((each * (1 + strength)) / 2);
  const table = [
    [many, each - many],
    [each - many, many],
  ];
  return train.flatMap((row, c) => row.flatMap((cell, d) => cell.slice(0, table[c][d])));
}

/** Balanced accuracy of a ridge classifier, balanced test samples. */
function probe(
  { rows, dim, biology }: SampleSet,
  [first]: readonly [number, number],
  train: readonly number[],
  test: readonly number[],
): number {
  const row = (i: number) => rows.subarray(i * dim, (i + 1) * dim);
  const dot = (a: Float32Array, b: Float32Array) => {
    let sum = 0;
    for (let d = 0; d < dim; d++) sum += a[d] * b[d];
    return sum;
  };
  // In dual form: as many unknowns as training samples. The 1 stands for an intercept.
  const kernel = new Matrix(train.length, train.length);
  for (let a = 0; a < train.length; a++) {
    for (let b = 0; b <= a; b++) {
      const value = 1 + dot(row(train[a]), row(train[b])) + (a === b ? RIDGE * train.length : 0);
      kernel.set(a, b, value);
      kernel.set(b, a, value);
    }
  }
  const side = (i: number) => (biology[i] === first ? 1 : -1);
  const weights = new CholeskyDecomposition(kernel)
    .solve(Matrix.columnVector(train.map(side)))
    .to1DArray();
  const right = test.filter((i) => {
    const said = train.reduce((sum, t, a) => sum + weights[a] * (1 + dot(row(t), row(i))), 0);
    return said * side(i) > 0;
  });
  // As many test samples of either class: plain accuracy is the balanced one.
  return right.length / test.length;
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}
