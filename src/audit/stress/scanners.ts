/**
 * How far five scanners move the stains of one and the same field, by `stainLook` on MultiScanner_SCC:
 * each one's departure from the mean direction, and from the geometric mean of the strengths. (That
 * field is a low-power view: its own colours would wipe out the nuclei of a field of 112 um.)
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
    haematoxylin: [-0.0688, 0.0992, -0.1126],
    eosin: [-0.0885, 0.1021, -0.2029],
    strength: [1.1468, 1.1569],
  },
  {
    name: 'Aperio',
    haematoxylin: [-0.0122, -0.0424, 0.0845],
    eosin: [0.0057, -0.0615, 0.1227],
    strength: [1.3927, 1.4296],
  },
  {
    name: 'Leica',
    haematoxylin: [0.0417, -0.048, 0.0466],
    eosin: [0.1178, -0.0717, 0.0915],
    strength: [0.6753, 0.5225],
  },
  {
    name: 'Hamamatsu NZ 2',
    haematoxylin: [0.1117, -0.0489, -0.0268],
    eosin: [0.0624, 0.0227, -0.0467],
    strength: [0.921, 1.4087],
  },
  {
    name: 'Hamamatsu NZ 210',
    haematoxylin: [-0.0724, 0.0402, 0.0083],
    eosin: [-0.0973, 0.0083, 0.0353],
    strength: [1.0067, 0.8215],
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
