/**
 * Round structures of the tissue: crypts, tumour glands, solid nests, fat cells and vessels. Each
 * owns one cell of a jittered lattice; walls run midway between neighbours (a rounded power
 * diagram), so that structures crowd without touching. Coordinates are um in the unbent frame of
 * `Tissue.warpX`/`warpY`.
 */
import { hash, smoothstep, unit } from './noise.ts';
import { emptyRegion, type Tissue } from './tissue.ts';
import { DIR_COS, DIR_SIN, DIRECTIONS, leanOf, pseudoAngle, type Wall } from './wall.ts';

/** Spacing of the lattice, um. */
export const PITCH = 118;
/** Nothing is looked up further than this outside a wall, um. */
export const FAR = 36;

export const Kind = {
  stroma: 0,
  crypt: 1,
  gland: 2,
  nest: 3,
  fat: 4,
  vessel: 5,
} as const;

export interface Site extends Wall {
  /** Centre in the unbent frame. */
  x: number;
  y: number;
  kind: number;
  /** Wall radius by pseudo-angle, um, with the first entry repeated at the end. */
  reach: number;
  /** Thickness of the lining, um; deeper lies the lumen. Beyond `reach` for solid structures. */
  lining: number;
  /** Colour of this structure against its like, -1..1. */
  tone: number;
  seed: number;
  /** Distance into the tissue and weight of necrosis at the centre. */
  edge: number;
  necrosis: number;
}

/** Per kind: largest radius, gap to the neighbour (both um), each with its spread. */
const SHAPE: Record<number, { cap: number; capSpread: number; gap: number; gapSpread: number }> = {
  [Kind.crypt]: { cap: 52, capSpread: 12, gap: 4, gapSpread: 5 },
  [Kind.gland]: { cap: 90, capSpread: 50, gap: 3.5, gapSpread: 9 },
  // Many nests run together with a neighbour: their gap is below nothing.
  [Kind.nest]: { cap: 86, capSpread: 50, gap: -1, gapSpread: 13 },
  [Kind.fat]: { cap: 80, capSpread: 10, gap: 0.9, gapSpread: 0.5 },
  [Kind.vessel]: { cap: 10, capSpread: 20, gap: 8, gapSpread: 4 },
};

/**
 * Largest radius, um: beyond it a structure two lattice squares away could come nearer than FAR, and
 * `distance`, which looks one square around, would jump.
 */
const WIDEST = 1.12 * PITCH - FAR;

/** Unevenness of the wall by kind. */
const WOBBLE = [0, 0.07, 0.13, 0.11, 0.03, 0.07];

const CACHE_LIMIT = 40_000;

export class Glands {
  /** The nearest structure and the second distance of the last `distance`. */
  nearest: Site | null = null;
  second = FAR;
  private readonly cache = new Map<number, Site>();
  private readonly rings = new Map<number, Site[]>();
  private centreX = Number.NaN;
  private centreY = Number.NaN;
  private neighbours: Site[] = [];
  // Scratch of `buildWall`: offsets of the neighbours and what scales them to the bisector.
  private readonly scale = new Float64Array(20);
  private readonly dxs = new Float64Array(20);
  private readonly dys = new Float64Array(20);
  private readonly region = emptyRegion();

  constructor(readonly tissue: Tissue) {}

  /** The structure of lattice square (ix, iy). */
  site(ix: number, iy: number): Site {
    const key = (ix + 32768) * 65536 + iy + 32768;
    let site = this.cache.get(key);
    if (!site) {
      if (this.cache.size > CACHE_LIMIT) this.cache.clear();
      site = this.make(ix, iy);
      this.cache.set(key, site);
    }
    return site;
  }

  /**
   * Distance to the nearest wall at unbent (qx, qy), um: negative inside, at most FAR. The nearest
   * structure is left in `nearest`, the distance to the next one in `second`.
   */
  distance(qx: number, qy: number): number {
    let best = FAR;
    let next = FAR;
    this.nearest = null;
    for (const site of this.around(Math.floor(qx / PITCH), Math.floor(qy / PITCH))) {
      const u = qx - site.x;
      const v = qy - site.y;
      const limit = site.reach + next;
      const r2 = u * u + v * v;
      if (r2 > limit * limit) continue;
      const t = pseudoAngle(u, v) * (DIRECTIONS / 4);
      const i = t | 0;
      const { wall, lean } = site;
      const radius = wall[i] + (t - i) * (wall[i + 1] - wall[i]);
      const d = (Math.sqrt(r2) - radius) * (lean[i] + (t - i) * (lean[i + 1] - lean[i]));
      if (d < best) {
        next = best;
        best = d;
        this.nearest = site;
      } else if (d < next) next = d;
    }
    this.second = next;
    return best;
  }

  /** Structures of a lattice square and the eight around it. */
  private around(cx: number, cy: number): Site[] {
    // Look-ups come in rows, so the last square nearly always serves the next one too.
    if (cx === this.centreX && cy === this.centreY) return this.neighbours;
    this.centreX = cx;
    this.centreY = cy;
    const key = (cx + 32768) * 65536 + cy + 32768;
    let ring = this.rings.get(key);
    if (!ring) {
      if (this.rings.size > CACHE_LIMIT) this.rings.clear();
      ring = [];
      for (let iy = cy - 1; iy <= cy + 1; iy++) {
        for (let ix = cx - 1; ix <= cx + 1; ix++) {
          const site = this.site(ix, iy);
          if (site.kind !== Kind.stroma) ring.push(site);
        }
      }
      this.rings.set(key, ring);
    }
    this.neighbours = ring;
    return ring;
  }

  private seatX(ix: number, iy: number): number {
    return (ix + 0.5 + 0.76 * (unit(this.tissue.seed, ix, iy, 0xb1) - 0.5)) * PITCH;
  }

  private seatY(ix: number, iy: number): number {
    return (iy + 0.5 + 0.76 * (unit(this.tissue.seed, ix, iy, 0xb2) - 0.5)) * PITCH;
  }

  /** Weight in the power diagram, um2: heavier structures push their walls outwards. */
  private weight(ix: number, iy: number): number {
    return 0.13 * PITCH * PITCH * unit(this.tissue.seed, ix, iy, 0xb3);
  }

  private make(ix: number, iy: number): Site {
    const { seed } = this.tissue;
    const site: Site = {
      x: this.seatX(ix, iy),
      y: this.seatY(ix, iy),
      kind: Kind.stroma,
      wall: new Float32Array(0),
      lean: new Float32Array(0),
      reach: 0,
      lining: 1e3,
      tone: 2 * unit(seed, ix, iy, 0xb4) - 1,
      seed: hash(seed, ix, iy, 0xb5),
      edge: 0,
      necrosis: 0,
    };
    site.kind = this.kindAt(site, ix, iy);
    if (site.kind !== Kind.stroma) this.buildWall(site, ix, iy);
    return site;
  }

  private kindAt(site: Site, ix: number, iy: number): number {
    const { seed } = this.tissue;
    const [x, y] = this.tissue.unwarp(site.x, site.y);
    site.edge = this.tissue.edge(x, y, 100);
    if (site.edge < 25) return Kind.stroma;
    const r = this.region;
    this.tissue.region(x, y, r);
    site.necrosis = r.necrosis;
    const pick = unit(seed, ix, iy, 0xb6);
    const other = unit(seed, ix, iy, 0xb7);
    if (r.necrosis > 0.5) return Kind.stroma;
    if (r.adipose > 0.5) return Kind.fat;
    if (r.lymph > 0.75 && r.tumour < 0.6) return Kind.stroma;
    if (r.tumour > 0.25 + 0.6 * pick) {
      if (other < 0.08) return Kind.stroma;
      return r.solid > 0.3 + 0.4 * unit(seed, ix, iy, 0xb8) ? Kind.nest : Kind.gland;
    }
    if (r.normal > 0.2 + 0.6 * pick) return other < 0.09 ? Kind.stroma : Kind.crypt;
    if (other < 0.16) return Kind.vessel;
    return r.tumour > 0.02 && other < 0.4 ? Kind.nest : Kind.stroma;
  }

  /** Wall radii: the rounded power cell, capped, with a gap and slow irregularity. */
  private buildWall(site: Site, ix: number, iy: number): void {
    const { seed } = this.tissue;
    const shape = SHAPE[site.kind];
    const own = this.weight(ix, iy);
    const { scale, dxs, dys } = this;
    let n = 0;
    for (let j = -2; j <= 2; j++) {
      for (let i = -2; i <= 2; i++) {
        if ((i === 0 && j === 0) || (Math.abs(i) === 2 && Math.abs(j) === 2)) continue;
        const dx = this.seatX(ix + i, iy + j) - site.x;
        const dy = this.seatY(ix + i, iy + j) - site.y;
        // A structure never loses its own centre: the weight difference is limited.
        const d2 = dx * dx + dy * dy;
        const shift = Math.max(-0.5 * d2, Math.min(0.5 * d2, own - this.weight(ix + i, iy + j)));
        scale[n] = 2 / (d2 + shift);
        dxs[n] = dx;
        dys[n++] = dy;
      }
    }
    const cap = Math.min(WIDEST, shape.cap + shape.capSpread * (unit(seed, ix, iy, 0xb9) - 0.3));
    const gap = shape.gap + shape.gapSpread * unit(seed, ix, iy, 0xba) ** 2;
    const capTerm = (1 / cap) ** 12;
    const wobble = WOBBLE[site.kind];
    const p2 = unit(seed, ix, iy, 0xbb) * 6.283;
    const p3 = unit(seed, ix, iy, 0xbc) * 6.283;
    const p5 = unit(seed, ix, iy, 0xbd) * 6.283;
    const wall = new Float32Array(DIRECTIONS + 1);
    for (let k = 0; k < DIRECTIONS; k++) {
      const c = DIR_COS[k];
      const s = DIR_SIN[k];
      let sum = capTerm;
      for (let m = 0; m < n; m++) {
        const inverse = (c * dxs[m] + s * dys[m]) * scale[m];
        if (inverse > 0) {
          const cube = inverse * inverse * inverse;
          const sixth = cube * cube;
          sum += sixth * sixth;
        }
      }
      const a = Math.atan2(s, c);
      const uneven = Math.cos(2 * a + p2) + 0.8 * Math.cos(3 * a + p3) + 0.5 * Math.cos(5 * a + p5);
      // Only inwards, so that neighbours cannot grow into each other.
      const r = sum ** (-1 / 12) * (1 - wobble * (0.5 + 0.22 * uneven)) - gap;
      wall[k] = Math.max(r, 4);
      site.reach = Math.max(site.reach, wall[k]);
    }
    wall[DIRECTIONS] = wall[0];
    site.wall = wall;
    site.lean = leanOf(wall);
    site.lining = this.lining(site);
  }

  private lining(site: Site): number {
    const spread = smoothstep(-1, 1, site.tone);
    if (site.kind === Kind.crypt) return 25 + 6 * spread;
    if (site.kind === Kind.gland) return 25 + 20 * spread;
    if (site.kind === Kind.fat) return 0.9;
    if (site.kind === Kind.vessel) return 2.6;
    return 1e3;
  }
}
