/**
 * Stains as directions of optical density. Fixed vectors after Ruifrok and Johnston, vectors of a
 * picture's own after Macenko et al. 2009 with the constants of the methods sheet, section 2.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { RgbaImage } from './slide.ts';

/** Optical density in red, green and blue. */
export type Density = readonly [red: number, green: number, blue: number];

/** Rows of the HED matrix as given; `unit` makes directions of them. */
export const HAEMATOXYLIN: Density = [0.65, 0.7, 0.29];
export const EOSIN: Density = [0.07, 0.99, 0.11];
export const DAB: Density = [0.27, 0.57, 0.78];

/** Glass in Macenko's scale. */
const GLASS = 240;
/** A pixel with less density than this in any channel is glass. */
const LEAST_DENSITY = 0.15;
/** Percentiles of angle and of concentration: outliers are left out. */
const ANGLE_TAIL = 0.01;
const STRONG = 0.99;
/** Fewer stained pixels than this tell no directions. */
const LEAST_PIXELS = 200;

/** How strongly and in which directions a picture is stained. */
export interface StainLook {
  haematoxylin: Density;
  eosin: Density;
  /** 99th percentile of each concentration. */
  strength: readonly [haematoxylin: number, eosin: number];
}

/** The reference of torchstain's Macenko normaliser. */
export const REFERENCE_LOOK: StainLook = {
  haematoxylin: [0.5626, 0.7201, 0.4062],
  eosin: [0.2159, 0.8012, 0.5581],
  strength: [1.9705, 1.0308],
};

export function unit([r, g, b]: Density): Density {
  const length = Math.hypot(r, g, b);
  return [r / length, g / length, b / length];
}

/** What is left of haematoxylin and eosin: the direction at right angles to both. */
export function residualOf(a: Density, b: Density): Density {
  return unit([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]);
}

/** Matrix (by rows) that takes densities (r, g, b) to concentrations of three stains. */
export function unmixing(a: Density, b: Density, c: Density): number[] {
  const [[p, q, r], [s, t, u], [v, w, x]] = [a, b, c];
  const det = p * (t * x - u * w) - q * (s * x - u * v) + r * (s * w - t * v);
  // The inverse of the matrix whose columns are the stains.
  return [
    (t * x - u * w) / det,
    (u * v - s * x) / det,
    (s * w - t * v) / det,
    (r * w - q * x) / det,
    (p * x - r * v) / det,
    (q * v - p * w) / det,
    (q * u - r * t) / det,
    (r * s - p * u) / det,
    (p * t - q * s) / det,
  ];
}

/** Macenko's stain directions of a picture; null where too little of it is stained. */
export function stainLook(image: RgbaImage): StainLook | null {
  const densities = stained(image);
  const n = densities.length / 3;
  if (n < LEAST_PIXELS) return null;
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    covariance(densities),
    {
      assumeSymmetric: true,
    },
  );
  const [, second, first] = [0, 1, 2].sort((i, j) => realEigenvalues[i] - realEigenvalues[j]);
  const axis = (column: number): Density => {
    const [r, g, b] = eigenvectorMatrix.getColumn(column);
    // A stain takes light away: its density is positive.
    return r + g + b < 0 ? [-r, -g, -b] : [r, g, b];
  };
  const [main, side] = [axis(first), axis(second)];
  const angles = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    angles[i] = Math.atan2(dot(densities, 3 * i, side), dot(densities, 3 * i, main));
  }
  angles.sort();
  const at = (angle: number): Density =>
    unit([
      main[0] * Math.cos(angle) + side[0] * Math.sin(angle),
      main[1] * Math.cos(angle) + side[1] * Math.sin(angle),
      main[2] * Math.cos(angle) + side[2] * Math.sin(angle),
    ]);
  const ends = [at(quantile(angles, ANGLE_TAIL)), at(quantile(angles, 1 - ANGLE_TAIL))];
  // Haematoxylin is blue: it takes more red away than eosin does.
  const [haematoxylin, eosin] = ends[0][0] > ends[1][0] ? ends : [ends[1], ends[0]];
  const mix = unmixing(haematoxylin, eosin, residualOf(haematoxylin, eosin));
  const strength = [0, 1].map((stain) => {
    const row: Density = [mix[3 * stain], mix[3 * stain + 1], mix[3 * stain + 2]];
    const amounts = Float64Array.from({ length: n }, (_, i) => dot(densities, 3 * i, row)).sort();
    return quantile(amounts, STRONG);
  });
  return { haematoxylin, eosin, strength: [strength[0], strength[1]] };
}

/** The picture as if stained like `to`: Macenko's normalisation. A new picture. */
export function restain(image: RgbaImage, from: StainLook, to: StainLook): RgbaImage {
  const mix = unmixing(from.haematoxylin, from.eosin, residualOf(from.haematoxylin, from.eosin));
  const scale = [0, 1].map((s) => to.strength[s] / Math.max(1e-6, from.strength[s]));
  const data = new Uint8ClampedArray(image.data.length);
  for (let at = 0; at < data.length; at += 4) {
    const [r, g, b] = [
      densityOf(image.data[at]),
      densityOf(image.data[at + 1]),
      densityOf(image.data[at + 2]),
    ];
    const h = (mix[0] * r + mix[1] * g + mix[2] * b) * scale[0];
    const e = (mix[3] * r + mix[4] * g + mix[5] * b) * scale[1];
    for (let c = 0; c < 3; c++) {
      data[at + c] = GLASS * Math.exp(-(h * to.haematoxylin[c] + e * to.eosin[c]));
    }
    data[at + 3] = 255;
  }
  return { width: image.width, height: image.height, data };
}

/** -ln((I + 1) / 240). */
function densityOf(value: number): number {
  return -Math.log((value + 1) / GLASS);
}

/** Densities of stained pixels, three a pixel. */
function stained({ data }: RgbaImage): Float64Array {
  const densities = new Float64Array((data.length / 4) * 3);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    const [r, g, b] = [densityOf(data[at]), densityOf(data[at + 1]), densityOf(data[at + 2])];
    if (r < LEAST_DENSITY || g < LEAST_DENSITY || b < LEAST_DENSITY) continue;
    densities[count++] = r;
    densities[count++] = g;
    densities[count++] = b;
  }
  return densities.subarray(0, count);
}

function covariance(densities: Float64Array): Matrix {
  const n = densities.length / 3;
  const sums = [0, 0, 0];
  const products = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < densities.length; i += 3) {
    for (let a = 0; a < 3; a++) {
      sums[a] += densities[i + a];
      for (let b = 0; b < 3; b++) products[3 * a + b] += densities[i + a] * densities[i + b];
    }
  }
  const at = (a: number, b: number) => products[3 * a + b] / n - (sums[a] / n) * (sums[b] / n);
  return new Matrix([0, 1, 2].map((a) => [0, 1, 2].map((b) => at(a, b))));
}

function dot(values: Float64Array, at: number, [r, g, b]: Density): number {
  return values[at] * r + values[at + 1] * g + values[at + 2] * b;
}

/** Of sorted values, linear between ranks. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
