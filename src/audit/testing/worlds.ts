/** Small worlds of embeddings whose neighbours are known by construction. */
import { mulberry32 } from '../../core/random.ts';
import { type SampleSet, sampleSet } from '../samples.ts';

type Row = [vector: number[], biology: string, centre: string];

/** Every sample on a slide of its own. */
export function world(rows: readonly Row[], groupOf = (i: number) => `slide ${i}`): SampleSet {
  const dim = rows[0][0].length;
  const labels = rows.map(([, biology, centre], i) => ({ biology, centre, group: groupOf(i) }));
  return sampleSet(Float32Array.from(rows.flatMap(([vector]) => vector)), dim, labels);
}

/** The methods sheet's six samples. */
export function sheet(): SampleSet {
  return world([
    [[1, 0], 't', '1'],
    [[0.9, 0.1], 't', '2'],
    [[0.8, 0.3], 'n', '1'],
    [[0, 1], 'n', '2'],
    [[0.1, 0.9], 'n', '1'],
    [[0.3, 0.8], 't', '2'],
  ]);
}

/** Each class lies along an axis of its own; its centres alternate there. */
export function biologyDominant(): SampleSet {
  return world(alternating((axis, i) => [`class ${axis}`, `centre ${i % 2}`]));
}

/** Each centre lies along an axis of its own; its classes alternate there. */
export function centreDominant(): SampleSet {
  return world(alternating((axis, i) => [`class ${i % 2}`, `centre ${axis}`]));
}

function alternating(name: (axis: number, i: number) => [string, string]): Row[] {
  return [0, 1].flatMap((axis) =>
    Array.from({ length: 14 }, (_, i): Row => {
      const vector = [0, 0, 0.01 * i];
      vector[axis] = 1;
      return [vector, ...name(axis, i)];
    }),
  );
}

/**
 * Blocks of four on the corners of a small square, one of each class and centre: SO and OS are
 * equally near, OO is farther, other blocks are at right angles.
 */
export function contested(blocks = 8): SampleSet {
  const corners = [
    ['a', '1', 0, 0],
    ['a', '2', 1, 0],
    ['b', '1', 0, 1],
    ['b', '2', 1, 1],
  ] as const;
  return world(
    Array.from({ length: blocks }, (_, block) =>
      corners.map(([biology, centre, x, y]): Row => {
        const vector = new Array(3 * blocks).fill(0);
        vector[3 * block] = 1;
        vector[3 * block + 1] = 0.05 * (x - 0.5);
        vector[3 * block + 2] = 0.05 * (y - 0.5);
        return [vector, biology, centre];
      }),
    ).flat(),
  );
}

/** Classes and centres each shift a random cloud, `biology` and `centre` times their unit. */
export function clouds(
  { biology, centre }: { biology: number; centre: number },
  each = 12,
  dim = 16,
  seed = 5,
): SampleSet {
  const random = mulberry32(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const direction = () => Array.from({ length: dim }, normal);
  const [classes, centres] = [
    [direction(), direction()],
    [direction(), direction()],
  ];
  const rows: Row[] = [];
  for (let i = 0; i < 4 * each; i++) {
    const [b, c] = [i & 1, (i >> 1) & 1];
    const vector = direction().map((v, d) => v + biology * classes[b][d] + centre * centres[c][d]);
    rows.push([vector, `class ${b}`, `centre ${c}`]);
  }
  return world(rows, (i) => `slide ${i >> 2}`);
}
