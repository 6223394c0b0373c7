/**
 * The drawn slide from so far that a gland is no larger than two pixels: regions alone, in the mean
 * colour that each has on finer levels.
 */
import { TILE } from './fields.ts';
import type { Densities } from './ground.ts';
import { smoothstep } from './noise.ts';
import { emptyRegion, type Region, type Tissue } from './tissue.ts';

/** Pixel width from which tiles are drawn this way, um. */
export const FAR_UM = 64;

/**
 * Mean densities of haematoxylin and eosin, lumina and nuclei included: solved from the mean colour
 * of level 6 (16 um pixels) over places of one kind on three slides.
 */
const MEAN = {
  stroma: [0.141, 0.286],
  crypt: [0.168, 0.27],
  gland: [0.278, 0.287],
  nest: [0.324, 0.328],
  fat: [0.021, 0.043],
  lymph: [0.377, 0.189],
  necrosis: [0.106, 0.399],
} as const;

/** Pixels that share a region look-up, along a side. */
const SHARED = 2;

/** Paint a tile with corner (x0, y0) and pixels `um` wide, um. */
export function paintFar(tissue: Tissue, um: number, x0: number, y0: number, out: Densities): void {
  const region = emptyRegion();
  for (let j = 0; j < TILE; j += SHARED) {
    for (let i = 0; i < TILE; i += SHARED) {
      const x = x0 + (i + SHARED / 2) * um;
      const y = y0 + (j + SHARED / 2) * um;
      if (tissue.roughEdge(x, y) < -130 - 1.5 * SHARED * um) continue;
      tissue.region(x, y, region);
      const [h, e] = meanOf(region);
      for (let v = 0; v < SHARED; v++) {
        for (let u = 0; u < SHARED; u++) {
          const edge = tissue.edge(x0 + (i + u + 0.5) * um, y0 + (j + v + 0.5) * um, um);
          const cover = Math.max(0, Math.min(1, edge / um + 0.5));
          const at = (j + v) * TILE + i + u;
          out.haematoxylin[at] = cover * h;
          out.eosin[at] = cover * e;
        }
      }
    }
  }
}

/** Densities of a place: its kinds in the shares in which `Glands` draws them. */
function meanOf(r: Region): [number, number] {
  const share = (weight: number, from: number, over: number) =>
    Math.max(0, Math.min(1, (weight - from) / over));
  const tumour = 0.92 * share(r.tumour, 0.25, 0.6);
  const solid = share(r.solid, 0.3, 0.4);
  const crypt = (1 - tumour) * share(r.normal, 0.2, 0.6);
  const between = 1 - tumour - crypt;
  const fat = smoothstep(0.4, 0.6, r.adipose);
  const dead = smoothstep(0.25, 0.6, r.necrosis);
  const lymph = r.lymph * (between + 0.3 * (tumour + crypt));
  const mean = (k: 0 | 1) => {
    const { stroma, crypt: mucosa, gland, nest } = MEAN;
    let value = tumour * (gland[k] + solid * (nest[k] - gland[k]));
    value += crypt * mucosa[k] + between * stroma[k];
    value += lymph * (MEAN.lymph[k] - value);
    value += fat * (MEAN.fat[k] - value);
    return value + dead * (MEAN.necrosis[k] - value);
  };
  return [mean(0) * r.haematoxylin, mean(1) * r.eosin];
}
