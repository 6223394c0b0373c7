/** What sits in a round structure: rows of nuclei along its wall, filled nests, mucin, blood. */
import { type Cell, collide, EPITHELIAL, FIBROBLAST, NECROTIC, NEOPLASTIC } from './cell.ts';
import { Kind, type Site } from './glands.ts';
import { stream } from './noise.ts';
import { emptyRegion, type Tissue } from './tissue.ts';
import { wallLean, wallRadius } from './wall.ts';

/** A round or oval inclusion without a nucleus. */
export interface Blob {
  x: number;
  y: number;
  /** Radii, um, and direction of the first. */
  a: number;
  b: number;
  cos: number;
  sin: number;
  kind: 'mucin' | 'blood' | 'debris';
  tone: number;
}

export interface Content {
  cells: Cell[];
  blobs: Blob[];
}

type Random = () => number;

/** Everything inside `site`, in slide coordinates (um). */
export function contentOf(site: Site, tissue: Tissue): Content {
  const next = stream(site.seed);
  const place = new Placer(site, tissue);
  if (site.kind === Kind.crypt) crypt(place, next);
  else if (site.kind === Kind.gland) gland(place, next);
  else if (site.kind === Kind.nest) nest(place, next);
  else if (site.kind === Kind.vessel) vessel(place, next);
  return { cells: place.finish(next), blobs: place.blobs };
}

/** Puts things into the bent tissue by their place in the unbent structure. */
class Placer {
  readonly cells: Cell[] = [];
  readonly blobs: Blob[] = [];

  constructor(
    readonly site: Site,
    private readonly tissue: Tissue,
  ) {}

  /** Point at `depth` under the wall in direction t, unbent frame relative to the centre. */
  point(t: number, depth: number): [number, number, number] {
    const [c, s] = [Math.cos(t), Math.sin(t)];
    const r = wallRadius(this.site, c, s) - depth / wallLean(this.site, c, s);
    return [r * c, r * s, r];
  }

  /** Slide position of (u, v) and the direction there of the unbent unit vector (eu, ev). */
  toSlide(u: number, v: number, eu: number, ev: number): [number, number, number, number] {
    const { site, tissue } = this;
    const [x, y] = tissue.unwarp(site.x + u, site.y + v);
    const [qx, qy] = [site.x + u + 3 * eu, site.y + v + 3 * ev];
    const [x1, y1] = tissue.unwarp(qx, qy, x + 3 * eu, y + 3 * ev, 3);
    const d = Math.hypot(x1 - x, y1 - y) || 1;
    return [x, y, (x1 - x) / d, (y1 - y) / d];
  }

  /** Add a nucleus unless it would lie on another; a smaller one is tried first. */
  add(cell: Cell, gap: number): boolean {
    for (let attempt = 0; attempt < 2; attempt++) {
      if (!this.cells.some((other) => collide(other, cell, gap))) {
        this.cells.push(cell);
        return true;
      }
      cell.a *= 0.87;
      cell.b *= 0.87;
    }
    return false;
  }

  /**
   * Walk once around the wall at `depth` with steps of `step` um; `visit` gets the place, the
   * inward direction and the angle.
   */
  walk(
    depth: number,
    step: number,
    start: number,
    visit: (t: number, u: number, v: number, nu: number, nv: number) => void,
  ): void {
    const end = start + 2 * Math.PI;
    for (let t = start; t < end; ) {
      const [u, v, r] = this.point(t, depth);
      const [u1, v1] = this.point(t + 0.08, depth);
      const speed = Math.max(Math.hypot(u1 - u, v1 - v) / 0.08, 4);
      const dt = step / speed;
      if (t + 0.7 * dt > end) break;
      if (r > 3) {
        const tangent = Math.hypot(u1 - u, v1 - v) || 1;
        visit(t, u, v, -(v1 - v) / tangent, (u1 - u) / tangent);
      }
      t += dt;
    }
  }

  /** The nuclei that lie in tissue, with those in necrosis turned to debris. */
  finish(next: Random): Cell[] {
    const { site, tissue } = this;
    let cells = this.cells;
    if (site.edge < 260) cells = cells.filter((c) => tissue.edge(c.x, c.y) > c.a);
    if (site.necrosis <= 0) return cells;
    const region = emptyRegion();
    return cells.filter((c) => {
      tissue.region(c.x, c.y, region);
      if (region.necrosis < 0.35 + 0.3 * next()) return true;
      c.type = NECROTIC;
      c.a = 2 + 1.4 * next();
      c.b = c.a * (0.65 + 0.3 * next());
      return next() < 0.5;
    });
  }
}

/** Normal crypt: one row of basal nuclei, goblets of mucin above them. */
function crypt(place: Placer, next: Random): void {
  place.walk(6.2, 6.9, next() * 6.28, (_, u, v, nu, nv) => {
    const depth = 3 * (next() - 0.5);
    const [x, y, cos, sin] = place.toSlide(u + depth * nu, v + depth * nv, nu, nv);
    const a = 4 + 0.6 * next();
    const b = 2.75 + 0.45 * next();
    place.add({ x, y, a, b, cos, sin, type: EPITHELIAL, seed: next() * 1e9 }, 0.5);
  });
  place.walk(16, 9, next() * 6.28, (_, u, v, nu, nv) => {
    if (next() > 0.8) return;
    const [x, y, cos, sin] = place.toSlide(u, v, nu, nv);
    const b = 3 + 1.6 * next();
    place.blobs.push({ x, y, a: b * 1.5, b, cos, sin, kind: 'mucin', tone: next() });
  });
}

/** Tumour gland: crowded long nuclei in one to three rows, debris in the lumen. */
function gland(place: Placer, next: Random): void {
  const { site } = place;
  const rows = site.lining > 39 ? 3 : site.lining > 29 ? 2 : 1;
  const slender = 0.52 + 0.2 * next();
  for (let row = 0; row < rows; row++) {
    const keep = row === 0 ? 0.98 : row === 1 ? 0.8 : 0.5;
    place.walk(7.5 + 10.5 * row, 7.5, next() * 6.28, (_, u, v, nu, nv) => {
      if (next() > keep) return;
      const depth = 5 * (next() - 0.5);
      const tilt = 0.6 * (next() - 0.5);
      const [x, y, c, s] = place.toSlide(u + depth * nu, v + depth * nv, nu, nv);
      const a = 4.9 + 1.9 * next();
      const b = a * (slender + 0.16 * (next() - 0.3));
      const cos = c - tilt * s;
      const sin = s + tilt * c;
      const n = Math.hypot(cos, sin);
      const cell = { x, y, a, b, cos: cos / n, sin: sin / n, type: NEOPLASTIC, seed: next() * 1e9 };
      place.add(cell, 0.35);
    });
  }
  const open = site.reach - site.lining;
  const clumps = open > 12 ? Math.floor(next() * 7) : 0;
  for (let i = 0; i < clumps; i++) {
    const t = next() * 6.28;
    const r = next() * (open - 8);
    const [x, y, cos, sin] = place.toSlide(r * Math.cos(t), r * Math.sin(t), 1, 0);
    const a = 2.5 + 5 * next();
    place.blobs.push({ x, y, a, b: a * 0.7, cos, sin, kind: 'debris', tone: next() });
  }
}

/** Solid nest: pleomorphic nuclei packed up to the wall. */
function nest(place: Placer, next: Random): void {
  const { site } = place;
  const step = 12.4 + 1.6 * next();
  const rows = Math.ceil(site.reach / (step * 0.866));
  for (let j = -rows; j <= rows; j++) {
    for (let i = -rows - 1; i <= rows + 1; i++) {
      const u = (i + (j & 1) / 2) * step + 4.4 * (next() - 0.5);
      const v = j * step * 0.866 + 4.4 * (next() - 0.5);
      const size = next();
      const round = next();
      const turn = next() * Math.PI;
      const seed = next() * 1e9;
      const a = 4.6 + 1.9 * size * size + 0.7 * (size - 0.5);
      const depth = (wallRadius(site, u, v) - Math.hypot(u, v)) * wallLean(site, u, v);
      if (depth < a + 0.8) continue;
      const [x, y, cos, sin] = place.toSlide(u, v, Math.cos(turn), Math.sin(turn));
      place.add({ x, y, a, b: a * (0.68 + 0.28 * round), cos, sin, type: NEOPLASTIC, seed }, 0.5);
    }
  }
}

/** Vessel: flat endothelium around red cells. */
function vessel(place: Placer, next: Random): void {
  const { site } = place;
  place.walk(1.3, 17, next() * 6.28, (_, u, v, nu, nv) => {
    const [x, y, cos, sin] = place.toSlide(u, v, -nv, nu);
    const a = 5.2 + 1.2 * next();
    place.add(
      { x, y, a, b: 1.45 + 0.3 * next(), cos, sin, type: FIBROBLAST, seed: next() * 1e9 },
      1,
    );
  });
  const fill = next();
  const count = Math.floor((fill * 0.7 * site.reach * site.reach) / 12);
  for (let i = 0; i < count; i++) {
    const t = next() * 6.28;
    const r = Math.sqrt(next());
    const [u, v] = place.point(t, site.lining + 3);
    const [x, y, cos, sin] = place.toSlide(u * r, v * r, Math.cos(t), Math.sin(t));
    const a = 2.7 + 0.7 * next();
    place.blobs.push({
      x,
      y,
      a,
      b: a * (0.75 + 0.25 * next()),
      cos,
      sin,
      kind: 'blood',
      tone: next(),
    });
  }
}
