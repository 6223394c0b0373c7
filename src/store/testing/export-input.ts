/** Cells and provenance for tests of files: the same numbers for the same count. */
import { createCells, RAYS, starArea } from '../../core/cells.ts';
import type { ExportInput } from '../export/source.ts';
import { NOTICE, type Provenance } from '../provenance.ts';

const MPP = 0.25;
/** 0.125 um a step, as tables of this scale have. */
export const RADIUS_UNIT = 0.5;

const PROVENANCE: Provenance = {
  notice: NOTICE,
  cytolens: '0.0.0',
  time: '2026-01-02T03:04:05.000Z',
  slide: { id: 'test-slide', name: 'Test slide', mpp: MPP },
  region: { x: 0, y: 0, w: 1000, h: 1000 },
  models: [],
  prediction: {
    label: 'Tumour',
    variant: 'baseline',
    logit: 0.5,
    probability: 0.62,
    temperature: 1,
    interval95OverFields: null,
    fields: 3,
    parts: { classToken: 0.1, cells: 0.3, betweenCells: 0.1, bias: 0 },
    partner: null,
    unfamiliarFields: null,
    stainedOutsideOutlines: 0.12,
    weakenedFields: 0,
    trainedOnPatients: 1,
    note: '',
  },
};

/** `count` cells on a slide of 20,000 x 20,000 px, of three types. */
export function testInput(count: number): ExportInput {
  const cells = createCells(count, RADIUS_UNIT);
  cells.count = count;
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let i = 0; i < count; i++) {
    cells.x[i] = 100 + random() * 19_000;
    cells.y[i] = 100 + random() * 19_000;
    for (let k = 0; k < RAYS; k++) cells.radii[i * RAYS + k] = 15 + random() * 20;
    cells.type[i] = Math.floor(random() * 3);
    cells.confidence[i] = Math.floor(random() * 256);
    cells.area[i] = starArea(cells.radii, i * RAYS) * (RADIUS_UNIT * MPP) ** 2;
    cells.attention[i] = random() * 0.01;
    cells.contribution[i] = random() - 0.5;
    cells.purity[i] = random();
    cells.tokens[i] = 1 + Math.floor(random() * 9);
    cells.field[i] = Math.floor(i / 40);
  }
  const grid = {
    x: 0,
    y: 0,
    size: 256,
    cols: 3,
    rows: 2,
    contribution: Float32Array.of(0.5, -1, Number.NaN, 2, 0, 1),
    attention: Float32Array.of(0.1, 0.2, Number.NaN, 0.3, 0, 0.4),
    counts: Uint32Array.of(1, 2, 0, 3, 4, 5),
  };
  return { cells, types: ['epithelial', 'inflammatory', 'spindle'], provenance: PROVENANCE, grid };
}
