/**
 * How far five scanners move the stains of one and the same field: each one's departure from the
 * mean of the five, measured with Macenko's method on MultiScanner_SCC (that field is a low-power
 * view, so its own colours would wipe out the nuclei of a field of 112 um).
 */
import { type StainLook, unit, type Vector } from '../../slide/stain.ts';

interface ScannerShift {
  name: string;
  /** Added to the stain's direction. */
  haematoxylin: Vector;
  eosin: Vector;
  /** Factors of the 99th percentiles of concentration. */
  strength: readonly [haematoxylin: number, eosin: number];
}

export const SCANNERS: readonly ScannerShift[] = [
  {
    name: '3DHISTECH',
    haematoxylin: [-0.0753, 0.0909, -0.0987],
    eosin: [-0.0496, 0.0832, -0.1703],
    strength: [1.0966, 1.342],
  },
  {
    name: 'Aperio',
    haematoxylin: [-0.0013, -0.0445, 0.0852],
    eosin: [-0.0405, -0.0541, 0.1333],
    strength: [2.1541, 1.1432],
  },
  {
    name: 'Leica',
    haematoxylin: [0.0474, -0.1082, 0.1297],
    eosin: [0.1019, -0.0906, 0.1217],
    strength: [0.3136, 0.5523],
  },
  {
    name: 'Hamamatsu NZ 2',
    haematoxylin: [0.0704, 0.0318, -0.1153],
    eosin: [-0.007, 0.048, -0.0834],
    strength: [1.9156, 0.9783],
  },
  {
    name: 'Hamamatsu NZ 210',
    haematoxylin: [-0.0412, 0.03, -0.0009],
    eosin: [-0.0048, 0.0136, -0.0013],
    strength: [0.7046, 1.2062],
  },
];

/** A look as this scanner would move it. */
export function shiftedLook(own: StainLook, shift: ScannerShift): StainLook {
  const moved = (from: Vector, by: Vector): Vector =>
    unit([
      Math.max(0.01, from[0] + by[0]),
      Math.max(0.01, from[1] + by[1]),
      Math.max(0.01, from[2] + by[2]),
    ]);
  return {
    stains: {
      haematoxylin: moved(own.stains.haematoxylin, shift.haematoxylin),
      other: moved(own.stains.other, shift.eosin),
    },
    strength: [own.strength[0] * shift.strength[0], own.strength[1] * shift.strength[1]],
  };
}
