/** What page and transfer worker say to each other: cells to and from files. */
import type { Call } from '../core/rpc.ts';
import type { ExportFormat } from './export/formats.ts';
import type { ExportInput } from './export/source.ts';
import type { ImportedCells, SlideFrame } from './import/builder.ts';
import type { LengthUnit } from './import/columns.ts';

export interface WriteRequest {
  format: ExportFormat;
  /** The cells are a copy that the worker keeps. */
  input: ExportInput;
  /** Where the user wants it; null: a blob is made. */
  target: FileSystemFileHandle | null;
}

export interface Written {
  bytes: number;
  /** The file, where there was no target. */
  blob: Blob | null;
}

export interface WriteProgress {
  /** Cells written, of all. */
  done: number;
  total: number;
  bytes: number;
}

export interface ReadProgress {
  /** Bytes of the file read, of all, and cells taken. */
  done: number;
  total: number;
  cells: number;
}

export interface TransferApi {
  write: Call<WriteRequest, Written, WriteProgress>;
  read: Call<
    { file: Blob; frame: SlideFrame; unit: LengthUnit | null },
    ImportedCells,
    ReadProgress
  >;
}
