/**
 * Slow fields of one tile on a coarse node grid, to be interpolated for every pixel. Nodes lie at
 * pixel corners whose level coordinates are multiples of the step, so that neighbouring tiles share
 * the nodes of their common border and no seam appears.
 */
import { FAR, type Glands, Kind } from './glands.ts';
import { emptyRegion, type Tissue } from './tissue.ts';

export const TILE = 512;

/** Pixels between nodes, by level: 2 um at the finest level, every pixel at the coarse ones. */
const STEPS = [8, 4, 4, 2, 2];
/** Pixels between region look-ups, by level. */
const REGION_STEPS = [64, 32, 16, 8];

/** Interpolated fields, in the order of `TileFields.values`. */
export const Field = {
  /** Distance into the tissue, um. */
  edge: 0,
  /** Distance outside the nearest wall and the next one, um. */
  wall: 1,
  second: 2,
  /** Fibre coordinates, um. */
  across: 3,
  along: 4,
  necrosis: 5,
  lymph: 6,
  loose: 7,
  adipose: 8,
  haematoxylin: 9,
  eosin: 10,
} as const;
const FIELDS = 11;
const REGION_FIELDS = ['necrosis', 'lymph', 'loose', 'adipose', 'haematoxylin', 'eosin'] as const;

export interface TileFields {
  step: number;
  /** Nodes along a side. */
  nodes: number;
  /** One array of nodes x nodes values a field. */
  values: Float32Array[];
  /** Structure at the node (Kind), its lining (um) and tone; not interpolated. */
  kind: Uint8Array;
  lining: Float32Array;
  tone: Float32Array;
  /** Whether no node lies in tissue; then only `edge` is filled. */
  empty: boolean;
}

export class FieldGrid {
  /** Buffers by node count: tiles of one level share them, since one tile is drawn at a time. */
  private readonly buffers = new Map<number, TileFields>();
  private readonly region = emptyRegion();

  constructor(
    private readonly tissue: Tissue,
    private readonly glands: Glands,
  ) {}

  /** Fields of tile (col, row) whose pixels are `um` wide; valid until the next call. */
  of(level: number, um: number, col: number, row: number): TileFields {
    const step = STEPS[level] ?? 1;
    const fields = this.buffer(step);
    const x0 = col * TILE * um;
    const y0 = row * TILE * um;
    this.edges(fields, um, x0, y0);
    if (fields.empty) return fields;
    this.regions(fields, REGION_STEPS[level] ?? 4, um, x0, y0);
    this.structures(fields, um, x0, y0);
    return fields;
  }

  private buffer(step: number): TileFields {
    const nodes = TILE / step + 1;
    let fields = this.buffers.get(nodes);
    if (!fields) {
      const n = nodes * nodes;
      fields = {
        step,
        nodes,
        values: Array.from({ length: FIELDS }, () => new Float32Array(n)),
        kind: new Uint8Array(n),
        lining: new Float32Array(n),
        tone: new Float32Array(n),
        empty: true,
      };
      this.buffers.set(nodes, fields);
    }
    return fields;
  }

  /** Distance into tissue; squares of nodes far from any rim take the rough one. */
  private edges(fields: TileFields, um: number, x0: number, y0: number): void {
    const { nodes, step, values } = fields;
    const { tissue } = this;
    const edge = values[Field.edge];
    const each = um <= 4 ? 16 : 4;
    const unit = step * um;
    // Slope of the rough edge (below 1.5) over the square, and its distance from the true one.
    const safe = 130 + 1.5 * each * unit;
    fields.empty = true;
    for (let bj = 0; bj < nodes - 1; bj += each) {
      for (let bi = 0; bi < nodes - 1; bi += each) {
        const centre = tissue.roughEdge(x0 + (bi + each / 2) * unit, y0 + (bj + each / 2) * unit);
        const far = centre > safe || centre < -safe;
        for (let j = bj; j <= bj + each; j++) {
          for (let i = bi; i <= bi + each; i++) {
            const e = far ? centre : tissue.edge(x0 + i * unit, y0 + j * unit, um);
            edge[j * nodes + i] = e;
            if (e > -um) fields.empty = false;
          }
        }
      }
    }
  }

  /** Regions on a coarser grid still, spread bilinearly over the nodes. */
  private regions(
    fields: TileFields,
    regionStep: number,
    um: number,
    x0: number,
    y0: number,
  ): void {
    const { nodes, step, values } = fields;
    const { region, tissue } = this;
    const each = regionStep / step;
    const side = TILE / regionStep + 1;
    const coarse = REGION_FIELDS.map(() => new Float32Array(side * side));
    for (let j = 0; j < side; j++) {
      for (let i = 0; i < side; i++) {
        const at = values[Field.edge][Math.round(j * each) * nodes + Math.round(i * each)];
        if (at < -2 * regionStep * um) continue;
        tissue.region(x0 + i * regionStep * um, y0 + j * regionStep * um, region);
        for (let f = 0; f < coarse.length; f++) coarse[f][j * side + i] = region[REGION_FIELDS[f]];
      }
    }
    for (let f = 0; f < coarse.length; f++) {
      const source = coarse[f];
      const target = values[Field[REGION_FIELDS[f]]];
      for (let j = 0; j < nodes; j++) {
        const cj = Math.min(Math.floor(j / each), side - 2);
        const v = j / each - cj;
        for (let i = 0; i < nodes; i++) {
          const ci = Math.min(Math.floor(i / each), side - 2);
          const u = i / each - ci;
          const k = cj * side + ci;
          const top = source[k] + u * (source[k + 1] - source[k]);
          const low = source[k + side] + u * (source[k + side + 1] - source[k + side]);
          target[j * nodes + i] = top + v * (low - top);
        }
      }
    }
  }

  /** Walls, linings and fibres at the nodes. */
  private structures(fields: TileFields, um: number, x0: number, y0: number): void {
    const { nodes, step, values, kind, lining, tone } = fields;
    const { tissue, glands } = this;
    const [edge, wall, second, across, along] = values;
    const fibres = um <= 4;
    for (let j = 0; j < nodes; j++) {
      const y = y0 + j * step * um;
      for (let i = 0; i < nodes; i++) {
        const k = j * nodes + i;
        if (edge[k] < -3 * step * um - 2) {
          wall[k] = FAR;
          second[k] = FAR;
          kind[k] = Kind.stroma;
          continue;
        }
        const x = x0 + i * step * um;
        const d = glands.distance(x + tissue.warpX(x, y), y + tissue.warpY(x, y));
        wall[k] = d;
        second[k] = glands.second;
        const site = glands.nearest;
        if (site) {
          kind[k] = site.kind;
          lining[k] = site.lining;
          tone[k] = site.tone;
        } else kind[k] = Kind.stroma;
        if (fibres) {
          across[k] = tissue.fibreAcross(x, y, d, glands.second);
          along[k] = tissue.fibreAlong(x, y);
        }
      }
    }
  }
}
