/**
 * Which stain made a pixel dark. By Beer and Lambert the optical density of a pixel,
 * -ln(I / 255) in red, green and blue, is the sum of its stains' amounts times their vectors.
 */
import type { RgbaImage } from './slide.ts';

export type Vector = readonly [number, number, number];

/** Haematoxylin and the stain beside it: optical densities in red, green, blue, of length 1. */
export interface StainVectors {
  haematoxylin: Vector;
  other: Vector;
}

/** Measured on single stains: Ruifrok and Johnston 2001, table 1 (there for 3 stains). */
export const RUIFROK_HE: StainVectors = {
  haematoxylin: unit([0.65, 0.704, 0.286]),
  other: unit([0.072, 0.99, 0.105]),
};
export const RUIFROK_HDAB: StainVectors = {
  haematoxylin: unit([0.65, 0.704, 0.286]),
  other: unit([0.268, 0.57, 0.776]),
};

/** Mean optical density below which a pixel is glass (Macenko 2009: 0.15). */
export const GLASS = 0.15;
/**
 * Brown (DAB, melanin, iron) takes this many times more of the blue light than of the green;
 * haematoxylin and eosin take less.
 */
export const BROWN = 1.1;
/** Share of pixels beyond which an angle counts as an outlier (Macenko 2009: 1 %). */
const OUTLIERS = 0.01;
const LEAST_PIXELS = 500;
/** Cosine of 5 degrees: two vectors this near are one stain. */
const ONE_STAIN = Math.cos((5 * Math.PI) / 180);

/**
 * The vectors of two stains from the pixels themselves (Macenko et al. 2009): the plane that holds
 * most of the optical density, and the directions at its rims. Null where there is too little
 * tissue, or but one stain.
 */
export function estimateStains({ data }: RgbaImage): StainVectors | null {
  const densities = tissueDensities(data);
  if (densities.length < 3 * LEAST_PIXELS) return null;
  const [first, second] = principalAxes(secondMoments(densities));
  // The mean lies on the positive side, so that the angles have no jump among them.
  const towards = first[0] + first[1] + first[2] < 0 ? -1 : 1;
  const along: Vector = [towards * first[0], towards * first[1], towards * first[2]];
  const angles = Float32Array.from({ length: densities.length / 3 }, (_, i) => {
    const density: Vector = [densities[3 * i], densities[3 * i + 1], densities[3 * i + 2]];
    return Math.atan2(dot(density, second), dot(density, along));
  }).sort();
  const rim = (share: number): Vector => {
    const angle = angles[Math.round(share * (angles.length - 1))];
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const at = (i: number) => Math.max(0, c * along[i] + s * second[i]);
    return unit([at(0), at(1), at(2)]);
  };
  const [one, two] = [rim(OUTLIERS), rim(1 - OUTLIERS)];
  if (dot(one, two) > ONE_STAIN) return null;
  // Haematoxylin is the bluer: it takes more of the red light.
  return one[0] > two[0] ? { haematoxylin: one, other: two } : { haematoxylin: two, other: one };
}

/**
 * The inverse of the matrix of stains, row by row: amounts of haematoxylin, of the other stain, and
 * of what neither explains (the direction across both), for a density in red, green and blue.
 */
export function unmixing({ haematoxylin: h, other: o }: StainVectors): Vector[] {
  const rest = unit(cross(h, o));
  const whole = dot(h, cross(o, rest));
  const over = (v: Vector): Vector => [v[0] / whole, v[1] / whole, v[2] / whole];
  return [over(cross(o, rest)), over(cross(rest, h)), over(cross(h, o))];
}

/** Two stains of a picture, and how much of each there is. */
export interface StainLook {
  stains: StainVectors;
  /** 99th percentile of each amount over tissue. */
  strength: readonly [haematoxylin: number, other: number];
}

const STRONG = 0.99;

/** Null where `estimateStains` tells nothing. */
export function stainLook(image: RgbaImage): StainLook | null {
  const stains = estimateStains(image);
  if (!stains) return null;
  const densities = tissueDensities(image.data);
  const strength = unmixing(stains)
    .slice(0, 2)
    .map((row) => {
      const amounts = Float32Array.from({ length: densities.length / 3 }, (_, i) =>
        dot(row, [densities[3 * i], densities[3 * i + 1], densities[3 * i + 2]]),
      ).sort();
      return amounts[Math.round(STRONG * (amounts.length - 1))];
    });
  return { stains, strength: [strength[0], strength[1]] };
}

/**
 * The picture as if stained like `to`: amounts are scaled by the ratio of strengths and given
 * other vectors (Macenko's normalisation); what neither stain explains stays. A new picture.
 */
export function restain(image: RgbaImage, from: StainLook, to: StainLook): RgbaImage {
  const rows = unmixing(from.stains);
  const scale = [0, 1].map((s) => to.strength[s] / Math.max(1e-6, from.strength[s]));
  const { haematoxylin: h, other: o } = to.stains;
  const rest = unit(cross(h, o));
  const density = densityTable();
  const data = new Uint8ClampedArray(image.data.length);
  for (let at = 0; at < data.length; at += 4) {
    const seen: Vector = [
      density[image.data[at]],
      density[image.data[at + 1]],
      density[image.data[at + 2]],
    ];
    const [a, b, c] = [
      dot(rows[0], seen) * scale[0],
      dot(rows[1], seen) * scale[1],
      dot(rows[2], seen),
    ];
    for (let i = 0; i < 3; i++) data[at + i] = 255 * Math.exp(-(a * h[i] + b * o[i] + c * rest[i]));
    data[at + 3] = 255;
  }
  return { width: image.width, height: image.height, data };
}

export function unit(v: Vector): Vector {
  const length = Math.hypot(...v);
  return [v[0] / length, v[1] / length, v[2] / length];
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** Optical density of each byte. */
export function densityTable(): Float32Array {
  return Float32Array.from({ length: 256 }, (_, v) => -Math.log(Math.max(v, 1) / 255));
}

/** r, g, b, r, g, b, ... of all pixels darker than glass. */
function tissueDensities(data: Uint8ClampedArray): Float32Array {
  const density = densityTable();
  const kept = new Float32Array((data.length / 4) * 3);
  let n = 0;
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b] = [density[data[i]], density[data[i + 1]], density[data[i + 2]]];
    if (r + g + b < 3 * GLASS) continue;
    kept[n++] = r;
    kept[n++] = g;
    kept[n++] = b;
  }
  return kept.subarray(0, n);
}

/** Not about the mean: no stain is no density, so that the plane holds the origin. */
function secondMoments(densities: Float32Array): number[][] {
  const m = [0, 1, 2].map(() => [0, 0, 0]);
  for (let at = 0; at < densities.length; at += 3) {
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) m[i][j] += densities[at + i] * densities[at + j];
    }
  }
  return m;
}

/** Eigenvectors of a symmetric 3 x 3 matrix, the largest eigenvalue first, by Jacobi rotations. */
function principalAxes(matrix: number[][]): Vector[] {
  const m = matrix.map((row) => [...row]);
  const axes = [0, 1, 2].map((i) => [0, 1, 2].map((j): number => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 12; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      if (m[p][q] === 0) continue;
      const angle = Math.atan2(2 * m[p][q], m[q][q] - m[p][p]) / 2;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let k = 0; k < 3; k++) {
        [m[k][p], m[k][q]] = [c * m[k][p] - s * m[k][q], s * m[k][p] + c * m[k][q]];
      }
      for (let k = 0; k < 3; k++) {
        [m[p][k], m[q][k]] = [c * m[p][k] - s * m[q][k], s * m[p][k] + c * m[q][k]];
        [axes[p][k], axes[q][k]] = [
          c * axes[p][k] - s * axes[q][k],
          s * axes[p][k] + c * axes[q][k],
        ];
      }
    }
  }
  return [0, 1, 2]
    .sort((i, j) => m[j][j] - m[i][i])
    .map((i) => [axes[i][0], axes[i][1], axes[i][2]] as const);
}
