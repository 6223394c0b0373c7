/**
 * Parametric Map (PS3.3, A.75) of the cells summed over squares: a frame each for contribution,
 * attention and number of cells, as 32-bit floats.
 */
import { CytolensError, throwIfAborted } from '../../core/errors.ts';
import { bulkOf, type Dataset, dicomFile, newUid } from './dicom.ts';
import { clipped, commonModules, quantity, ucum } from './dicom-common.ts';
import type { ExportInput, HeatGrid, Parts } from './source.ts';

const SOP_CLASS = '1.2.840.10008.5.1.4.1.1.30';
const UM_PER_MM = 1000;
/** What each frame shows. */
const FRAMES = [
  { column: 'contribution', about: 'Sum of contributions of cells, logit of field' },
  { column: 'attention', about: 'Sum of attention that falls on cells' },
  { column: 'cells', about: 'Number of cells' },
] as const;

/** The file, part by part. A square without cells holds 0 in all frames. Throws `cancelled`. */
export async function* mapParts(input: ExportInput, signal?: AbortSignal): Parts {
  const { cells, grid, provenance } = input;
  throwIfAborted(signal);
  if (!grid) throw new CytolensError('internal', 'A parametric map needs a grid to show.');
  const mpp = provenance.slide.mpp;
  const dataset: Dataset = [
    ...commonModules(provenance, SOP_CLASS, 'OT', 'CELLS_ON_GRID'),
    ...imageModules(grid, mpp),
    [0x7fe00008, 'OF', bulkOf(pixelsOf(grid))],
  ];
  for (const bytes of dicomFile(dataset)) yield { bytes, done: cells.count };
}

function pixelsOf({
  cols,
  rows,
  contribution,
  attention,
  counts,
}: HeatGrid): Float32Array<ArrayBuffer> {
  const size = cols * rows;
  const pixels = new Float32Array(size * FRAMES.length);
  const layers = [contribution, attention, counts];
  layers.forEach((layer, frame) => {
    for (let i = 0; i < size; i++) pixels[frame * size + i] = counts[i] > 0 ? layer[i] : 0;
  });
  return pixels;
}

function imageModules(grid: HeatGrid, mpp: number): Dataset {
  const { cols, rows } = grid;
  const organisation = newUid();
  const spacing = decimal((grid.size * mpp) / UM_PER_MM);
  const position: Dataset = [
    [0x0040072a, 'DS', decimal((grid.x * mpp) / UM_PER_MM)],
    [0x0040073a, 'DS', decimal((grid.y * mpp) / UM_PER_MM)],
  ];
  return [
    [0x00080008, 'CS', 'DERIVED\\PRIMARY\\VOLUME\\NONE'],
    [0x00189004, 'CS', 'RESEARCH'],
    [0x00209221, 'SQ', [[[0x00209164, 'UI', organisation]]]],
    [0x00209222, 'SQ', [dimension(organisation, 0x00409210, 0x00409096)]],
    [0x00280002, 'US', [1]],
    [0x00280004, 'CS', 'MONOCHROME2'],
    [0x00280008, 'IS', String(FRAMES.length)],
    [0x00280010, 'US', [rows]],
    [0x00280011, 'US', [cols]],
    [0x00280100, 'US', [32]],
    [0x00280301, 'CS', 'NO'],
    [0x00280302, 'CS', 'NO'],
    [0x00282110, 'CS', '00'],
    [0x00400555, 'SQ', []],
    [0x00480006, 'UL', [cols]],
    [0x00480007, 'UL', [rows]],
    [0x00480008, 'SQ', [position]],
    [0x00480102, 'DS', '1\\0\\0\\0\\1\\0'],
    [0x20500020, 'CS', 'IDENTITY'],
    [
      0x52009229,
      'SQ',
      [
        [
          [
            0x00289110,
            'SQ',
            [
              [
                [0x00180050, 'DS', '0.004'],
                [0x00280030, 'DS', `${spacing}\\${spacing}`],
              ],
            ],
          ],
          [
            0x00289132,
            'SQ',
            [
              [
                [0x00281050, 'DS', '0'],
                [0x00281051, 'DS', '1'],
              ],
            ],
          ],
          [0x00409092, 'SQ', [[[0x00089007, 'CS', 'DERIVED\\PRIMARY\\VOLUME\\NONE']]]],
        ],
      ],
    ],
    [0x52009230, 'SQ', FRAMES.map((frame, at) => frameGroups(frame, at, position))],
  ];
}

function dimension(organisation: string, pointer: number, group: number): Dataset {
  return [
    [0x00209164, 'UI', organisation],
    [0x00209165, 'AT', [pointer]],
    [0x00209167, 'AT', [group]],
  ];
}

function frameGroups(
  { column, about }: (typeof FRAMES)[number],
  at: number,
  position: Dataset,
): Dataset {
  return [
    [0x00209111, 'SQ', [[[0x00209157, 'UL', [at + 1]]]]],
    [
      0x0048021a,
      'SQ',
      [[...position, [0x0040074a, 'DS', '0'], [0x0048021e, 'UL', [1]], [0x0048021f, 'UL', [1]]]],
    ],
    [
      0x00409096,
      'SQ',
      [
        [
          [0x00283003, 'LO', clipped(about, 64)],
          [0x004008ea, 'SQ', [ucum('1')]],
          [0x00409210, 'SH', column],
          [0x00409213, 'FD', [Number.MAX_SAFE_INTEGER]],
          [0x00409214, 'FD', [-Number.MAX_SAFE_INTEGER]],
          [0x00409220, 'SQ', [quantityOf(column, about)]],
          [0x00409224, 'FD', [0]],
          [0x00409225, 'FD', [1]],
        ],
      ],
    ],
  ];
}

/** Name and value of a content item: what quantity a frame holds (PS3.3, C.7.6.16.2.11). */
function quantityOf(column: string, about: string): Dataset {
  return [
    [0x0040a040, 'CS', 'CODE'],
    [
      0x0040a043,
      'SQ',
      [
        [
          [0x00080100, 'SH', '246205007'],
          [0x00080102, 'SH', 'SCT'],
          [0x00080104, 'LO', 'Quantity'],
        ],
      ],
    ],
    [0x0040a168, 'SQ', [quantity(column, about)]],
  ];
}

/** A decimal string holds 16 characters. */
function decimal(value: number): string {
  return String(Number(value.toPrecision(10))).slice(0, 16);
}
