/**
 * Everything between the nuclei: stroma, cytoplasm, lumina, fat, necrosis and glass, as optical
 * densities of haematoxylin, eosin and blood for each pixel of a tile.
 */
import { TILE, type TileFields } from './fields.ts';
import { Kind } from './glands.ts';
import { type Noise, smoothstep } from './noise.ts';

/** Optical densities by pixel, row by row. */
export interface Densities {
  haematoxylin: Float32Array;
  eosin: Float32Array;
  blood: Float32Array;
}

/** First level on which nuclei are a tint rather than drawn. */
export const TINT_LEVEL = 5;
/** Densities of a mean nucleus, for the tint. */
const NUCLEUS_H = 0.62;
const NUCLEUS_E = -0.08;

const EOSIN_STROMA = 0.33;

/**
 * Share of fibre texture that a pixel `um` wide still shows; the rest goes into its mean, see
 * `meanStroma`.
 */
function textureShare(um: number): number {
  return 1 - smoothstep(1.5, 10, um);
}

/** Eosin of stroma relative to its base, from the fibre noises and looseness. */
function stromaFactor(fine: number, broad: number, loose: number): number {
  const open = 0.62 - 0.62 * loose;
  const cleft = smoothstep(open, open + 0.3, -(0.72 * broad + 0.34 * fine));
  return (1 + 0.34 * fine + 0.3 * broad) * (1 - 0.93 * cleft);
}

/** Looseness steps of the table below. */
const LOOSE_STEPS = 16;

/** What a pixel too coarse for fibres shows: mean transmission of the textured stroma. */
function meanStroma(noise: Noise): Float32Array {
  const samples = 1500;
  const out = new Float32Array(LOOSE_STEPS + 2);
  for (let s = 0; s <= LOOSE_STEPS; s++) {
    let light = 0;
    for (let i = 0; i < samples; i++) {
      const f = noise.at(i * 1.37 + 0.11, i * 0.71);
      const b = noise.at(i * 0.93 + 0.57, i * 1.19 + 40.3);
      light += Math.exp(-EOSIN_STROMA * stromaFactor(f, b, s / LOOSE_STEPS));
    }
    out[s] = -Math.log(light / samples) / EOSIN_STROMA;
  }
  out[LOOSE_STEPS + 1] = out[LOOSE_STEPS];
  return out;
}

/**
 * Share of a lining's part of a pixel that is lumen. `past` is the distance beyond the lining, um,
 * `soft` half a pixel, `blurred` extra softness of the brim, `inside` the structure's own share.
 */
function fraction(past: number, soft: number, blurred: number, inside: number): number {
  const half = soft + blurred * (soft < 2 ? 1 : 0);
  const share = past / (2 * half) + 0.5;
  return share <= 0 ? 0 : Math.min(1, share / inside);
}

export class Ground {
  private readonly mean: Float32Array;

  constructor(private readonly noise: Noise) {
    this.mean = meanStroma(noise);
  }

  /** Paint the ground of a tile; `x0`, `y0` its corner and `um` its pixel width, um. */
  paint(
    fields: TileFields,
    level: number,
    um: number,
    x0: number,
    y0: number,
    out: Densities,
  ): void {
    const { step, nodes, values, kind, lining, tone } = fields;
    const n = this.noise;
    const share = textureShare(um);
    const slim = 1 - smoothstep(0.7, 4, um);
    // Cytoplasm and lumina keep their grain for as long as a pixel resolves about 3 um.
    const grain = 1 - smoothstep(0.7, 4, um);
    const soft = Math.max(0.45, 0.6 * um);
    const tint = level >= TINT_LEVEL;
    const rows = values.map(() => new Float32Array(nodes));
    const [
      edges,
      walls,
      seconds,
      acrosses,
      alongs,
      necroses,
      lymphs,
      looses,
      fats,
      strongH,
      strongE,
    ] = rows;

    for (let j = 0; j < TILE; j++) {
      const nj = Math.floor(j / step);
      const fj = (j + 0.5) / step - nj;
      for (let f = 0; f < rows.length; f++) {
        const source = values[f];
        const target = rows[f];
        const a = nj * nodes;
        const b = a + nodes;
        for (let i = 0; i < nodes; i++)
          target[i] = source[a + i] + fj * (source[b + i] - source[a + i]);
      }
      const y = y0 + (j + 0.5) * um;
      const kindRow = (fj < 0.5 ? nj : nj + 1) * nodes;

      for (let i = 0; i < TILE; i++) {
        const ni = (i / step) | 0;
        const fi = (i + 0.5) / step - ni;
        const e = edges[ni] + fi * (edges[ni + 1] - edges[ni]);
        if (e <= -soft) continue;
        const cover = e >= soft ? 1 : (e + soft) / (2 * soft);
        const x = x0 + (i + 0.5) * um;
        const d = walls[ni] + fi * (walls[ni + 1] - walls[ni]);
        const necrosis = necroses[ni] + fi * (necroses[ni + 1] - necroses[ni]);
        const lymph = lymphs[ni] + fi * (lymphs[ni + 1] - lymphs[ni]);
        const k = kindRow + (fi < 0.5 ? ni : ni + 1);
        // Stroma fills what lies between the walls on either side of the pixel: at coarse levels
        // both walls can pass through one pixel.
        let inside = d <= -soft ? 1 : 0;
        if (inside === 0 && d < soft) {
          const other = seconds[ni] + fi * (seconds[ni + 1] - seconds[ni]);
          inside = 1 - Math.max(0, (Math.min(other, soft) + d) / (2 * soft));
        }
        let h = 0;
        let eo = 0;

        if (inside < 1) {
          const loose = looses[ni] + fi * (looses[ni + 1] - looses[ni]);
          const fat = fats[ni] + fi * (fats[ni + 1] - fats[ni]);
          const slot = loose * LOOSE_STEPS;
          const s0 = slot | 0;
          let factor = this.mean[s0] + (slot - s0) * (this.mean[s0 + 1] - this.mean[s0]);
          if (share > 0) {
            const across = acrosses[ni] + fi * (acrosses[ni + 1] - acrosses[ni]);
            const along = alongs[ni] + fi * (alongs[ni + 1] - alongs[ni]);
            const fine = slim * n.at(across * 0.6, along * 0.11);
            const broad = n.at(across * 0.17 + 60.3, along * 0.04 + 20.1);
            factor += share * (stromaFactor(fine, broad, loose) - factor);
            if (grain > 0) {
              const fibril = n.at(across * 1.7, along * 0.25 + 30.9);
              factor *= 1 + grain * (0.2 * fibril + 0.12 * n.at(x * 0.8 + 9.1, y * 0.8));
            }
          }
          // Basement membrane, and here and there a gap where the tissue shrank from the wall.
          const near = d < 9 && kind[k] !== Kind.fat ? d : 9;
          if (near < 9) {
            const gap = smoothstep(0.2, 0.7, n.at(x * 0.03 + 70.2, y * 0.03 + 8.8));
            factor += 0.3 * Math.exp(-(near * near) / 3) * grain;
            factor *= 1 - 0.8 * gap * smoothstep(3.6, 1, near) * smoothstep(0.2, 1, near);
          }
          h = (0.085 + 0.16 * lymph) * (0.25 + 0.75 * factor);
          eo = EOSIN_STROMA * factor * (1 - 0.35 * lymph) * (1 - 0.2 * fat);
          if (tint) {
            const nuclei = 0.3 * lymph + 0.085 * (1 - lymph) * (1 - fat);
            h += NUCLEUS_H * nuclei;
            eo += NUCLEUS_E * nuclei;
          }
        }
        if (inside > 0) {
          const depth = -d;
          const lined = lining[k];
          const shade = tone[k];
          let gh = 0;
          let ge = 0;
          let lumen = 0;
          let nuclei = 0;
          const cyto =
            grain > 0
              ? grain *
                (0.6 * n.at(x * 0.17 + y * 0.09 + 33.3, y * 0.17 - x * 0.09) +
                  0.45 * n.at(x * 0.8 - y * 0.4, y * 0.8 + x * 0.4 + 7.7))
              : 0;
          switch (kind[k]) {
            case Kind.crypt: {
              const apical = smoothstep(8, 15, depth);
              gh = 0.15 + 0.03 * shade + 0.07 * cyto - 0.05 * apical;
              ge = (0.33 + 0.1 * cyto) * (1 - 0.3 * apical);
              const rag = grain > 0 ? grain * 3 * n.at(x * 0.15, y * 0.15 + 50.5) : 0;
              lumen = fraction(depth + rag - lined, soft, 1.2, inside);
              nuclei = 0.6 * smoothstep(1, 3, depth) * smoothstep(12, 10, depth);
              break;
            }
            case Kind.gland: {
              const apical = smoothstep(0.45 * lined, 0.95 * lined, depth);
              gh = 0.25 + 0.03 * shade + 0.1 * cyto - 0.07 * apical;
              ge = 0.37 - 0.03 * shade + 0.14 * cyto;
              const rag =
                4 * n.at(x * 0.06, y * 0.06 + 50.5) + grain * 2.2 * n.at(x * 0.28 + 8.1, y * 0.28);
              lumen = fraction(depth + rag - lined, soft, 0.9, inside);
              nuclei =
                0.48 * smoothstep(1, 4, depth) * smoothstep(0.85 * lined, 0.6 * lined, depth);
              break;
            }
            case Kind.nest:
              gh = 0.21 + 0.025 * shade + 0.09 * cyto;
              ge = 0.38 - 0.025 * shade + 0.16 * cyto;
              nuclei = 0.33;
              break;
            case Kind.fat:
              ge = 0.32;
              gh = 0.07;
              lumen = fraction(depth - 0.55, soft, 0, inside);
              break;
            case Kind.vessel:
              ge = 0.42;
              gh = 0.08;
              lumen = fraction(depth - lined, soft, 0, inside);
              nuclei = tint ? 0.2 : 0;
              break;
            default:
              break;
          }
          if (tint) {
            gh += NUCLEUS_H * nuclei;
            ge += NUCLEUS_E * nuclei;
          }
          if (lumen > 0) {
            // Lumina are not empty glass: a thin film of mucus in glands and crypts.
            const film =
              kind[k] === Kind.gland || kind[k] === Kind.crypt
                ? 0.05 + 0.05 * n.at(x * 0.045 + 3.9, y * 0.045 + 90.1)
                : 0.012;
            gh += lumen * (film - gh);
            ge += lumen * (0.7 * film - ge);
          }
          h += inside * (gh - h);
          eo += inside * (ge - eo);
        }
        if (necrosis > 0.02) {
          const mix = smoothstep(0.25, 0.6, necrosis);
          const coarse = n.at(x * 0.05 + 19.9, y * 0.05 + 2.1);
          // Two lattices turned against each other hide their squares.
          const grit =
            grain > 0
              ? grain *
                (0.6 * n.at(x * 0.31 + y * 0.17, y * 0.31 - x * 0.17 + 13.3) +
                  0.6 * n.at(x * 0.7 - y * 0.45, y * 0.7 + x * 0.45 + 51.7))
              : 0;
          const dead = tint ? 0.04 : 0;
          const pale = 0.85 + 0.15 * coarse;
          h += mix * ((0.1 + 0.04 * grit + NUCLEUS_H * dead) * pale - h);
          eo += mix * ((0.47 + 0.08 * coarse + 0.2 * grit) * pale - eo);
        }
        const at = j * TILE + i;
        const sh = strongH[ni] + fi * (strongH[ni + 1] - strongH[ni]);
        const se = strongE[ni] + fi * (strongE[ni + 1] - strongE[ni]);
        out.haematoxylin[at] = cover * h * sh;
        out.eosin[at] = cover * eo * se;
      }
    }
  }
}
