/** The measured columns of a cell as every format names them: the one list for writing and reading. */
import type { CellTable } from '../core/cells.ts';

export interface Measurement {
  /** In GeoJSON, as people read it in QuPath. */
  name: string;
  /** In tables. */
  column: string;
  unit: string;
  /** What it says, for a table's description. */
  about: string;
  /** Decimals written; null for all that a float32 holds. */
  digits: 0 | 1 | 2 | 3 | 4 | null;
  read(cells: CellTable, index: number): number;
  write(cells: CellTable, index: number, value: number): void;
}

export const MEASUREMENTS: readonly Measurement[] = [
  {
    name: 'Confidence',
    column: 'confidence',
    unit: '1',
    about: 'Object probability of the segmenter, 0 to 1',
    digits: 3,
    read: (cells, i) => cells.confidence[i] / 255,
    write: (cells, i, value) => {
      cells.confidence[i] = Math.round(Math.min(1, Math.max(0, value)) * 255);
    },
  },
  {
    name: 'Area um^2',
    column: 'area_um2',
    unit: 'um2',
    about: 'Area of the predicted outline',
    digits: 2,
    read: (cells, i) => cells.area[i],
    write: (cells, i, value) => {
      cells.area[i] = value;
    },
  },
  {
    name: 'Attention',
    column: 'attention',
    unit: '1',
    about: "Share of its field's attention that falls on the cell",
    digits: null,
    read: (cells, i) => cells.attention[i],
    write: (cells, i, value) => {
      cells.attention[i] = value;
    },
  },
  {
    name: 'Contribution (logit of its field)',
    column: 'contribution_logit',
    unit: 'logit',
    about: 'Signed contribution to the logit of its field',
    digits: null,
    read: (cells, i) => cells.contribution[i],
    write: (cells, i, value) => {
      cells.contribution[i] = value;
    },
  },
  {
    name: 'Purity',
    column: 'purity',
    unit: '1',
    about: 'Largest share of a token that the cell covers, 0 to 1',
    digits: 4,
    read: (cells, i) => cells.purity[i],
    write: (cells, i, value) => {
      cells.purity[i] = value;
    },
  },
  {
    name: 'Tokens touched',
    column: 'tokens',
    unit: 'count',
    about: 'Tokens that the outline touches',
    digits: 0,
    read: (cells, i) => cells.tokens[i],
    write: (cells, i, value) => {
      cells.tokens[i] = Math.min(255, Math.max(0, Math.round(value)));
    },
  },
  {
    name: 'Field',
    column: 'field',
    unit: 'number',
    about: 'Number of the field that owns the cell',
    digits: 0,
    read: (cells, i) => cells.field[i],
    write: (cells, i, value) => {
      cells.field[i] = Math.max(0, Math.round(value));
    },
  },
];
