/** Made-up cells for every contender: spread field by field, as an analysis brings them. */
import { type CellTable, createCells, RAYS, starArea } from '../../src/core/cells.ts';

/** um per level-0 px. */
export const MPP = 0.25;
const FIELD_UM = 112;
/** Cells a field: some 5,000 a mm2, as in dense tissue. */
const CELLS_A_FIELD = 64;
const RADIUS_UNIT = 0.5;

export function makeCells(count: number): { table: CellTable; side: number } {
  const table = createCells(count, RADIUS_UNIT);
  const fieldPx = FIELD_UM / MPP;
  const fields = Math.ceil(count / CELLS_A_FIELD);
  const cols = Math.ceil(Math.sqrt(fields));
  const random = lehmer(7);
  const stepUm = RADIUS_UNIT * MPP;
  for (let i = 0; i < count; i++) {
    const field = Math.floor(i / CELLS_A_FIELD);
    table.x[i] = ((field % cols) + random()) * fieldPx;
    table.y[i] = (Math.floor(field / cols) + random()) * fieldPx;
    const [mean, phase] = [24 + 16 * random(), 6.28 * random()];
    for (let k = 0; k < RAYS; k++) {
      const wave = 0.25 * Math.sin((2 * 6.2832 * k) / RAYS + phase);
      table.radii[i * RAYS + k] = Math.round(mean * (1 + wave));
    }
    table.type[i] = Math.floor(4 * random());
    table.area[i] = starArea(table.radii, i * RAYS) * stepUm ** 2;
    table.confidence[i] = 128 + Math.floor(127 * random());
    table.field[i] = field;
    table.attention[i] = random() ** 4 / CELLS_A_FIELD;
    table.contribution[i] = (random() - 0.5) ** 3;
  }
  table.count = count;
  return { table, side: cols * fieldPx };
}

/** Park and Miller's generator: the same cells in every run. */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}
