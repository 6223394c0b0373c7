/** What panels know of files written and read, and of cells that came from one. */
import type { ImportReport } from '../store/import/builder.ts';

/** A file under way. */
export interface TransferRun {
  kind: 'write' | 'read';
  /** Name of the format or the file. */
  name: string;
  /** Cells of all (writing), or bytes of the file (reading). */
  done: number;
  total: number;
  /** Bytes written, or cells taken. */
  sofar: number;
}

/** The cells on screen came from a file; no prediction is told of them. */
export interface Imported {
  /** Name of the file. */
  source: string;
  report: ImportReport;
}

export interface TransferState {
  transfer: TransferRun | null;
  imported: Imported | null;
  /** A table that does not say whether its places are px or um: the user is asked. */
  askUnit: File | null;
}

export const NO_TRANSFER: TransferState = { transfer: null, imported: null, askUnit: null };
