/** Nuclei and inclusions of a tile, laid over the ground as optical densities. */
import {
  type Cell,
  FIBROBLAST,
  LYMPHOCYTE,
  NECROTIC,
  NEOPLASTIC,
  shapeOf,
  VERTICES,
} from './cell.ts';
import { TILE } from './fields.ts';
import type { Densities } from './ground.ts';
import type { Blob } from './lining.ts';
import { type Noise, smoothstep, stream } from './noise.ts';
import { pseudoAngle } from './wall.ts';

/** Entries of the radius table by pseudo-angle. */
const ENTRIES = 128;
/** Where entry i lies between the vertices of an outline: index and fraction. */
const VERTEX = new Uint8Array(ENTRIES + 1);
const FRACTION = new Float64Array(ENTRIES + 1);
for (let i = 0; i <= ENTRIES; i++) {
  const p = ((i % ENTRIES) * 4) / ENTRIES;
  const u = p < 2 ? 1 - p : p - 3;
  const v = p < 1 ? p : p < 3 ? 2 - p : p - 4;
  const t = (Math.atan2(v, u) / (2 * Math.PI)) * VERTICES;
  const turns = t < 0 ? t + VERTICES : t;
  VERTEX[i] = Math.floor(turns) % VERTICES;
  FRACTION[i] = turns - Math.floor(turns);
}

/** How nuclei of a type take the stain. */
interface Look {
  /** Mean haematoxylin density and its spread between cells. */
  h: number;
  spread: number;
  /** Relative strength of chromatin clumps and of the darker membrane. */
  clumps: number;
  rim: number;
  /** Most nucleoli. */
  nucleoli: number;
}

const LOOKS: Look[] = [
  { h: 0.7, spread: 0.2, clumps: 0.42, rim: 0.5, nucleoli: 2 },
  { h: 0.78, spread: 0.14, clumps: 0.36, rim: 0.34, nucleoli: 1 },
  { h: 1.08, spread: 0.16, clumps: 0.4, rim: 0.15, nucleoli: 0 },
  { h: 0.78, spread: 0.16, clumps: 0.34, rim: 0.22, nucleoli: 0 },
  { h: 1.12, spread: 0.3, clumps: 0.15, rim: 0.05, nucleoli: 0 },
];

/** Density of a speck against a nucleus whose texture shows: light gets through between clumps. */
const SPECK = 0.93;

export class Stamp {
  private readonly table = new Float32Array(ENTRIES + 1);

  constructor(private readonly noise: Noise) {}

  /** Draw one nucleus; (x0, y0) is the tile's corner and `um` the pixel width, um. */
  nucleus(cell: Cell, x0: number, y0: number, um: number, strength: number, out: Densities): void {
    const { radius, bend } = shapeOf(cell);
    const table = this.table;
    let widest = 0;
    for (let i = 0; i <= ENTRIES; i++) {
      const k = VERTEX[i];
      const r0 = radius[k];
      table[i] = r0 + FRACTION[i] * (radius[(k + 1) % VERTICES] - r0);
      if (table[i] > widest) widest = table[i];
    }
    const next = stream(cell.seed ^ 0x5bd1e995);
    const look = LOOKS[cell.type];
    // Some tumour nuclei are vesicular: pale inside, with a crisp membrane.
    const vesicular = cell.type === NEOPLASTIC && next() < 0.45 ? 1 : 0;
    const ghost = cell.type === NECROTIC && next() < 0.25;
    const dark = ghost ? 0.3 : look.h + look.spread * 2 * (next() - 0.5) - 0.16 * vesicular;
    const fine = 1 - smoothstep(0.3, 1.2, um);
    const clumps = fine * (look.clumps + 0.1 * vesicular);
    const rim = fine * (look.rim + 0.35 * vesicular);
    const pinkish = 0.16 + 0.12 * next();
    const offset = next() * 200;
    const nucleoli: number[] = [];
    if (fine > 0) {
      const count = Math.floor(next() * (look.nucleoli + 1));
      for (let i = 0; i < count; i++) {
        nucleoli.push(0.9 * (next() - 0.5), 0.9 * (next() - 0.5), 0.6 + 0.5 * next());
      }
    }
    // A thin clear zone around round cells, where the cytoplasm shrank.
    const halo = cell.type === LYMPHOCYTE ? 0.4 : cell.type === FIBROBLAST ? 0.1 : 0.14;
    const soft = Math.max(0.3, 0.5 * um);
    const haloWidth = fine > 0 ? 0.9 : 0;

    const extent =
      Math.max(cell.a * widest, cell.b * (widest + 2 * Math.abs(bend))) + soft + haloWidth;
    const i0 = Math.max(0, Math.floor((cell.x - extent - x0) / um));
    const i1 = Math.min(TILE - 1, Math.ceil((cell.x + extent - x0) / um));
    const j0 = Math.max(0, Math.floor((cell.y - extent - y0) / um));
    const j1 = Math.min(TILE - 1, Math.ceil((cell.y + extent - y0) / um));
    const { haematoxylin, eosin, blood } = out;
    for (let j = j0; j <= j1; j++) {
      const dy = y0 + (j + 0.5) * um - cell.y;
      for (let i = i0; i <= i1; i++) {
        const dx = x0 + (i + 0.5) * um - cell.x;
        const lx = dx * cell.cos + dy * cell.sin;
        const ly = dy * cell.cos - dx * cell.sin;
        const u = lx / cell.a;
        const v = ly / cell.b - bend * (u * u - 0.3);
        const r = Math.sqrt(u * u + v * v);
        if (r > 1.9) continue;
        const t = pseudoAngle(u, v) * (ENTRIES / 4);
        const k = t | 0;
        const rho = r / (table[k] + (t - k) * (table[k + 1] - table[k]));
        // Distance outside the outline, um, from the slope of rho.
        const du = u / cell.a;
        const dv = v / cell.b;
        const slope = Math.sqrt(du * du + dv * dv) * (rho / (r * r + 1e-9));
        const away = (rho - 1) / (slope + 1e-6);
        const at = j * TILE + i;
        if (away >= soft) {
          if (away < haloWidth + soft) {
            const keep = 1 - halo * (1 - (away - soft) / haloWidth);
            eosin[at] *= keep;
            haematoxylin[at] *= keep;
          }
          continue;
        }
        const cover = away <= -soft ? 1 : (soft - away) / (2 * soft);
        let h = dark;
        if (fine > 0) {
          const n = this.noise;
          const c =
            0.75 * n.at(lx * 0.85 + offset, ly * 0.85) + 0.5 * n.at(lx * 1.9, ly * 1.9 + offset);
          const edge = smoothstep(-1.3, -0.35, away);
          h *= 1 + clumps * c + rim * (edge - 0.42);
          for (let s = 0; s < nucleoli.length; s += 3) {
            const sx = lx - nucleoli[s] * cell.a;
            const sy = ly - nucleoli[s + 1] * cell.b;
            const q = (sx * sx + sy * sy) / (nucleoli[s + 2] * nucleoli[s + 2]);
            if (q < 4) h += 0.5 * Math.exp(-q * 1.4);
          }
        }
        haematoxylin[at] += cover * (0.2 * haematoxylin[at] + h * strength - haematoxylin[at]);
        eosin[at] += cover * (0.45 * eosin[at] + pinkish - eosin[at]);
        blood[at] *= 1 - cover;
      }
    }
  }

  /**
   * Draw one nucleus as a plain ellipse of even density: all that a pixel of 2 um or more can show.
   */
  speck(cell: Cell, x0: number, y0: number, um: number, strength: number, out: Densities): void {
    const soft = 0.5 * um;
    const { a, b, cos, sin } = cell;
    // A ramp wider than the cell would spread more stain than the cell has.
    const trim = b < soft ? (4 * b * soft) / ((b + soft) * (b + soft)) : 1;
    const h = LOOKS[cell.type].h * SPECK * strength;
    const extent = a + soft;
    const i0 = Math.max(0, Math.floor((cell.x - extent - x0) / um));
    const i1 = Math.min(TILE - 1, Math.ceil((cell.x + extent - x0) / um));
    const j0 = Math.max(0, Math.floor((cell.y - extent - y0) / um));
    const j1 = Math.min(TILE - 1, Math.ceil((cell.y + extent - y0) / um));
    const { haematoxylin, eosin, blood } = out;
    for (let j = j0; j <= j1; j++) {
      const dy = y0 + (j + 0.5) * um - cell.y;
      for (let i = i0; i <= i1; i++) {
        const dx = x0 + (i + 0.5) * um - cell.x;
        const u = (dx * cos + dy * sin) / a;
        const v = (dy * cos - dx * sin) / b;
        const r = Math.sqrt(u * u + v * v);
        const slope = Math.sqrt((u / a) ** 2 + (v / b) ** 2) / (r + 1e-9);
        const away = r < 1e-6 ? -b : (r - 1) / slope;
        if (away >= soft) continue;
        const cover = trim * (away <= -soft ? 1 : (soft - away) / (2 * soft));
        const at = j * TILE + i;
        haematoxylin[at] += cover * (h - 0.8 * haematoxylin[at]);
        eosin[at] += cover * (0.22 - 0.55 * eosin[at]);
        blood[at] *= 1 - cover;
      }
    }
  }

  /** Draw one inclusion. */
  blob(blob: Blob, x0: number, y0: number, um: number, out: Densities): void {
    const extent = 1.7 * Math.max(blob.a, blob.b) + um;
    const i0 = Math.max(0, Math.floor((blob.x - extent - x0) / um));
    const i1 = Math.min(TILE - 1, Math.ceil((blob.x + extent - x0) / um));
    const j0 = Math.max(0, Math.floor((blob.y - extent - y0) / um));
    const j1 = Math.min(TILE - 1, Math.ceil((blob.y + extent - y0) / um));
    const soft = Math.max(0.35, 0.5 * um);
    const grain = 1 - smoothstep(0.3, 2, um);
    const least = Math.min(blob.a, blob.b);
    const { haematoxylin, eosin, blood } = out;
    for (let j = j0; j <= j1; j++) {
      const dy = y0 + (j + 0.5) * um - blob.y;
      for (let i = i0; i <= i1; i++) {
        const dx = x0 + (i + 0.5) * um - blob.x;
        const u = (dx * blob.cos + dy * blob.sin) / blob.a;
        const v = (dy * blob.cos - dx * blob.sin) / blob.b;
        const ragged = blob.kind === 'debris' ? 0.5 : 0.12;
        const wave = ragged * this.noise.at(dx * 0.35 + blob.x, dy * 0.35 + blob.y);
        const away = (Math.sqrt(u * u + v * v) - 1 + wave) * least;
        if (away >= soft) continue;
        const cover = away <= -soft ? 1 : (soft - away) / (2 * soft);
        const n = grain > 0 ? grain * this.noise.at(dx * 0.7 + blob.y, dy * 0.7 + blob.x) : 0;
        const at = j * TILE + i;
        let h = 0.06 + 0.06 * blob.tone + 0.03 * n;
        let e = 0.05 + 0.03 * n;
        let b = 0;
        if (blob.kind === 'blood') {
          h = 0;
          e = 0.08;
          b = 0.5 + 0.2 * blob.tone + 0.1 * n - 0.12 * smoothstep(-0.8, -2.4, away);
        } else if (blob.kind === 'debris') {
          h = 0.12 + 0.14 * blob.tone + 0.1 * n;
          e = 0.42 + 0.2 * n;
        } else {
          // The rim of a goblet is its pressed cytoplasm.
          const rim = grain * smoothstep(-0.9, -0.2, away);
          h += 0.1 * rim;
          e += 0.18 * rim;
        }
        haematoxylin[at] += cover * (h - haematoxylin[at]);
        eosin[at] += cover * (e - eosin[at]);
        blood[at] += cover * (b - blood[at]);
      }
    }
  }
}
