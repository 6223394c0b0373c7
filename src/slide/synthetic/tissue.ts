/**
 * Architecture of the drawn slide: where tissue lies on the glass, which region a place belongs to,
 * how the tissue is bent and which way its fibres run. All lengths and coordinates are um; all
 * functions are pure in (seed, x, y).
 */
import { Noise, smoothstep, unit } from './noise.ts';

/** Weights of a place, each 0..1. */
export interface Region {
  /** Invasive tumour. */
  tumour: number;
  /** Growth in solid nests (1) rather than glands (0), within tumour. */
  solid: number;
  /** Normal mucosa with crypts. */
  normal: number;
  /** Fat. */
  adipose: number;
  /** Necrosis. */
  necrosis: number;
  /** Density of lymphocytes in the stroma. */
  lymph: number;
  /** Looseness of the stroma: clefts between bundles. */
  loose: number;
  /** Stain strengths, about 0.85..1.15. */
  haematoxylin: number;
  eosin: number;
}

interface Piece {
  x: number;
  y: number;
  rx: number;
  ry: number;
  cos: number;
  sin: number;
}

/** Spacing of the lattice on which lymphoid aggregates are scattered, um. */
const AGGREGATE_LATTICE = 620;
/** Depth at which a place is inside a piece whatever the irregularity of its outline, um. */
const DEEP = 500;

export function emptyRegion(): Region {
  return {
    tumour: 0,
    solid: 0,
    normal: 0,
    adipose: 0,
    necrosis: 0,
    lymph: 0,
    loose: 0,
    haematoxylin: 1,
    eosin: 1,
  };
}

export class Tissue {
  readonly noise: Noise;
  /** Length over which regions change, um. */
  private readonly regionScale: number;
  private readonly pieces: Piece[];
  private readonly fibreCos: number;
  private readonly fibreSin: number;
  private clusterX = Number.NaN;
  private clusterY = Number.NaN;
  private readonly clusters: { x: number; y: number; radius: number }[] = [];

  constructor(
    readonly seed: number,
    readonly width: number,
    readonly height: number,
  ) {
    this.noise = new Noise(seed);
    this.regionScale = Math.min(2000, Math.max(350, 0.2 * Math.min(width, height)));
    this.pieces = layPieces(seed, width, height);
    const angle = unit(seed, 1, 2, 0x70) * Math.PI;
    this.fibreCos = Math.cos(angle);
    this.fibreSin = Math.sin(angle);
  }

  /**
   * Distance into the tissue, um: positive inside, negative on glass. Detail finer than `blur` um
   * is left out (coarse levels cannot show it).
   */
  edge(x: number, y: number, blur = 0): number {
    const n = this.noise;
    let d = this.roughEdge(x, y);
    if (d > 160 || d < -160) return d;
    d += 70 * n.fbm(x / 170 + 91.1, y / 170 + 47.9, 2);
    if (blur < 20 && d < 60 && d > -60) d += 13 * n.at(x / 24 + 7.7, y / 24 + 63.1);
    if (blur < 5 && d < 20 && d > -20) d += 4 * n.at(x / 6.5 + 3.3, y / 6.5 + 9.4);
    let tear = this.tear(x, y);
    if (blur < 8 && tear < 14) {
      tear += 5 * n.at(x / 15 + 81.4, y / 15 + 7.1) + 3 * n.at(x / 4.7 + 13.3, y / 4.7 + 59.4);
    }
    return Math.min(tear, d);
  }

  /** As `edge` without the detail of the rim; within 110 um of it. Slope below 1.5. */
  roughEdge(x: number, y: number): number {
    const n = this.noise;
    let best = -1e9;
    for (const p of this.pieces) {
      const dx = (x - p.x) * p.cos + (y - p.y) * p.sin;
      const dy = (y - p.y) * p.cos - (x - p.x) * p.sin;
      const size = Math.min(p.rx, p.ry);
      const u = Math.abs(dx) / p.rx;
      const v = Math.abs(dy) / p.ry;
      if (u > 1.6 || v > 1.6) continue;
      // A superellipse: fuller than an ellipse, like a trimmed block of tissue.
      const r = Math.sqrt(Math.sqrt(u * u * u * u + v * v * v * v));
      const least = (0.7 - r) * size;
      if (least > DEEP) {
        // No irregularity of the shape reaches here.
        best = Math.max(best, least);
        continue;
      }
      const shape = n.fbm((x + p.x) / size + 31.7, (y + p.y) / size + 11.2, 3);
      const d = (1 - r + 0.3 * shape) * size;
      if (d > best) best = d;
    }
    const tear = this.tear(x, y);
    return best > 0 && tear < best ? tear : best;
  }

  /** Distance from the nearest tear that the knife left, um; negative in it. */
  private tear(x: number, y: number): number {
    const n = this.noise;
    const width = 34 * n.at(x / 900 + 23.2, y / 900 + 54.4) - 12;
    return 300 * Math.abs(n.at(x / 640 + 149.3, y / 640 + 77.1)) - width;
  }

  /** Region weights at a place, into `out`. */
  region(x: number, y: number, out: Region): void {
    const n = this.noise;
    const s = this.regionScale;
    // The borders between regions wander on a finer scale than the regions.
    const bx = x + 0.16 * s * n.at(x / (0.28 * s) + 12.9, y / (0.28 * s) + 71.3);
    const by = y + 0.16 * s * n.at(x / (0.28 * s) + 52.1, y / (0.28 * s) + 33.8);
    const kind = n.fbm(bx / s + 3.1, by / s + 8.7, 2);
    const fat = n.fbm(bx / s + 143.1, by / s + 58.2, 2);
    const dead = n.fbm(bx / (0.5 * s) + 83.7, by / (0.5 * s) + 203.4, 2);
    const nest = n.fbm(x / (0.55 * s) + 29.3, y / (0.55 * s) + 113.9, 2);
    const immune = n.fbm(x / 240 + 197.2, y / 240 + 21.7, 2);
    const ragged = n.at(x / 38 + 61.3, y / 38 + 2.2);

    out.tumour = smoothstep(-0.02, 0.12, kind + 0.02 * ragged);
    out.normal = smoothstep(0.12, 0.24, -kind);
    out.adipose = smoothstep(0.2, 0.27, fat) * (1 - out.tumour);
    out.necrosis = smoothstep(0.24, 0.34, dead + 0.06 * ragged) * smoothstep(0.5, 0.95, out.tumour);
    out.solid = smoothstep(-0.02, 0.12, nest);

    // Lymphocytes: aggregates, a loose infiltrate, more of both where tumour meets stroma.
    const margin = 4 * out.tumour * (1 - out.tumour);
    const infiltrate = smoothstep(0.02, 0.45, immune + 0.18 * margin) * (0.3 + 0.3 * margin);
    const aggregate = this.aggregate(x + 26 * ragged, y + 26 * ragged);
    out.lymph = Math.max(aggregate, infiltrate) * (1 - out.adipose);

    out.loose = smoothstep(-0.35, 0.45, n.fbm(x / 310 + 177.7, y / 310 + 9.1, 2));
    const slow = n.at(x / 5200 + 88.1, y / 5200 + 14.3);
    const patch = n.at(x / 850 + 41.9, y / 850 + 99.7);
    out.haematoxylin = 1 + 0.08 * slow + 0.06 * patch;
    out.eosin = 1 - 0.11 * slow + 0.1 * n.at(x / 700 + 5.7, y / 700 + 151.3);
  }

  /** Lymphoid aggregates: round clusters scattered over the stroma, 1 at the centre. */
  private aggregate(x: number, y: number): number {
    const cx = Math.floor(x / AGGREGATE_LATTICE);
    const cy = Math.floor(y / AGGREGATE_LATTICE);
    if (cx !== this.clusterX || cy !== this.clusterY) this.gatherClusters(cx, cy);
    let best = 0;
    for (const cluster of this.clusters) {
      const d = Math.hypot(x - cluster.x, y - cluster.y) / cluster.radius;
      if (d < 1.15) best = Math.max(best, smoothstep(1.15, 0.75, d));
    }
    return best;
  }

  /** Keep the aggregates of a lattice square and those around it for the look-ups that follow. */
  private gatherClusters(cx: number, cy: number): void {
    this.clusterX = cx;
    this.clusterY = cy;
    this.clusters.length = 0;
    for (let iy = cy - 1; iy <= cy + 1; iy++) {
      for (let ix = cx - 1; ix <= cx + 1; ix++) {
        if (unit(this.seed, ix, iy, 0xa1) > 0.6) continue;
        this.clusters.push({
          x: (ix + 0.15 + 0.7 * unit(this.seed, ix, iy, 0xa2)) * AGGREGATE_LATTICE,
          y: (iy + 0.15 + 0.7 * unit(this.seed, ix, iy, 0xa3)) * AGGREGATE_LATTICE,
          radius: 70 + 120 * unit(this.seed, ix, iy, 0xa4) ** 2,
        });
      }
    }
  }

  /** Bend of the tissue: glands are laid out straight at (x + warpX, y + warpY). */
  warpX(x: number, y: number): number {
    const n = this.noise;
    return 52 * n.at(x / 310 + 15.5, y / 310 + 81.2) + 17 * n.at(x / 95 + 131.4, y / 95 + 22.6);
  }

  warpY(x: number, y: number): number {
    const n = this.noise;
    return 52 * n.at(x / 310 + 73.9, y / 310 + 36.4) + 17 * n.at(x / 95 + 55.8, y / 95 + 164.1);
  }

  /**
   * The place that is bent to (qx, qy), by fixed-point steps from a guess: the bend's slope is
   * below 1.
   */
  unwarp(qx: number, qy: number, guessX = qx, guessY = qy, steps = 6): [number, number] {
    let x = guessX;
    let y = guessY;
    for (let i = 0; i < steps; i++) {
      const wx = this.warpX(x, y);
      const wy = this.warpY(x, y);
      x = qx - wx;
      y = qy - wy;
    }
    return [x, y];
  }

  /**
   * Fibre coordinate across the bundles, um: fibres run along its contour lines. `d` and `second`
   * are the distances outside the two nearest glands, um, around which the fibres are wound.
   */
  fibreAcross(x: number, y: number, d: number, second: number): number {
    const n = this.noise;
    const base = x * this.fibreSin - y * this.fibreCos;
    const wave =
      230 * n.at(x / 520 + 9.3, y / 520 + 45.5) +
      34 * n.at(x / 110 + 101.7, y / 110 + 17.2) +
      7.5 * n.at(x / 27 + 66.6, y / 27 + 128.8) +
      1.9 * n.at(x / 10 + 86.6, y / 10 + 28.1);
    // The sum of both stays smooth midway between two walls.
    const wound = Math.exp(-Math.max(d, 0) / 11) + Math.exp(-Math.max(second, 0) / 11);
    return base + wave + 38 * wound;
  }

  /** Fibre coordinate along the bundles, um; only a slow variation hangs on it. */
  fibreAlong(x: number, y: number): number {
    return (
      x * this.fibreCos + y * this.fibreSin + 40 * this.noise.at(x / 130 + 2.9, y / 130 + 19.3)
    );
  }
}

/** Pieces of tissue on the glass: one that fills a small slide, three and crumbs on a large one. */
function layPieces(seed: number, width: number, height: number): Piece[] {
  const jitter = (i: number, c: number) => unit(seed, i, c, 0x91) - 0.5;
  const piece = (i: number, cx: number, cy: number, rx: number, ry: number): Piece => {
    const angle = 0.5 * jitter(i, 3);
    return {
      x: (cx + 0.02 * jitter(i, 1)) * width,
      y: (cy + 0.02 * jitter(i, 2)) * height,
      rx: rx * width,
      ry: ry * height,
      cos: Math.cos(angle),
      sin: Math.sin(angle),
    };
  };
  if (Math.min(width, height) < 4000) return [piece(0, 0.5, 0.5, 0.44, 0.44)];
  const pieces = [
    piece(0, 0.36, 0.5, 0.25, 0.33),
    piece(1, 0.8, 0.3, 0.115, 0.17),
    piece(2, 0.8, 0.74, 0.1, 0.13),
  ];
  for (let i = 3; i < 8; i++) {
    const size = 0.008 + 0.012 * unit(seed, i, 4, 0x91);
    pieces.push(piece(i, 0.5 + 0.9 * jitter(i, 5), 0.5 + 0.9 * jitter(i, 6), size, size));
  }
  return pieces;
}
