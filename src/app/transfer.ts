/** Commands that write cells into files and read them back. The work is done in a worker. */

import { radiusUnitOf } from '../analysis/ledger.ts';
import { type CellTable, cellBuffers, sliceCells } from '../core/cells.ts';
import { CytolensError, cancelled, isCytolensError, toCytolensError } from '../core/errors.ts';
import { type ExportFormat, formatRow } from '../store/export/formats.ts';
import type { ExportInput } from '../store/export/source.ts';
import type { ImportReport } from '../store/import/builder.ts';
import type { LengthUnit } from '../store/import/columns.ts';
import { type Provenance, provenanceOf } from '../store/provenance.ts';
import { startTransfer } from '../store/transfer.client.ts';
import type { WriteProgress, Written } from '../store/transfer.ts';
import { download, fileName, pickTarget } from './files.ts';
import { heatGrid } from './heat-grid.ts';
import { openName, shownName } from './names.ts';
import { type AppState, getState, report, setState } from './state.ts';
import type { Workbench } from './workbench.ts';

export interface ExportOptions {
  signal?: AbortSignal;
  onProgress?: (progress: WriteProgress) => void;
}

/** The analysed cells and what is said of them, set aside while cells of a file are shown. */
interface Aside extends Pick<AppState, 'slide' | 'run' | 'score' | 'top'> {
  cells: CellTable;
}

export class Transfers {
  private running: AbortController | null = null;
  private aside: Aside | null = null;

  constructor(
    private readonly bench: Workbench,
    /** Stops an analysis under way: it must not write into a table that is not its own. */
    private readonly stopAnalysis: () => void,
  ) {}

  /**
   * The cells as a file. Throws `no-tissue` when there is nothing to export, `unsupported` while
   * cells of a file are shown, `cancelled`.
   */
  async exportAs(format: ExportFormat, options: ExportOptions = {}): Promise<Blob> {
    const { blob } = await this.send(format, this.input(format), null, options);
    if (!blob) throw new CytolensError('internal', 'The file was not made.');
    return blob;
  }

  /** Save the cells where the user says; without a way to ask, among the downloads. */
  async saveShown(format: ExportFormat): Promise<void> {
    await this.shown(async (signal) => {
      const input = this.input(format);
      const row = formatRow(format);
      const name = fileName(openName(), row.suffix);
      const target = await pickTarget(name, row.mime);
      const begin = { kind: 'write', name: row.name, done: 0, sofar: 0 } as const;
      setState({ transfer: { ...begin, total: input.cells.count } });
      const onProgress = ({ done, total, bytes }: WriteProgress) =>
        setState({ transfer: { ...begin, done, total, sofar: bytes } });
      const { blob } = await this.send(format, input, target, { signal, onProgress });
      if (blob) download(blob, name);
    });
  }

  /**
   * Show the cells of a file on the open slide; until they are known to be good, what is shown
   * stays. Throws what `readCells` throws, and `no-scale` for a slide without um/px.
   */
  async importCells(
    file: File,
    unit: LengthUnit | null = null,
    signal?: AbortSignal,
  ): Promise<ImportReport> {
    const { slide } = getState();
    if (!slide) throw new CytolensError('internal', 'Open the slide of these cells first.');
    const { mpp, info } = slide;
    if (mpp === null) {
      throw new CytolensError(
        'no-scale',
        'This slide does not say its scale. Enter its um per pixel first.',
      );
    }
    const frame = { width: info.width, height: info.height, mpp, radiusUnit: radiusUnitOf(mpp) };
    const begin = { kind: 'read', name: file.name } as const;
    setState({ transfer: { ...begin, done: 0, total: file.size, sofar: 0 } });
    const worker = startTransfer();
    try {
      const imported = await worker.call(
        'read',
        { file, frame, unit },
        {
          signal,
          onProgress: ({ done, total, cells }) =>
            setState({ transfer: { ...begin, done, total, sofar: cells } }),
        },
      );
      if (getState().slide?.info.id !== info.id) throw cancelled();
      this.setAside();
      this.bench.showImported(imported.cells, imported.types, {
        source: file.name,
        report: imported.report,
      });
      return imported.report;
    } finally {
      worker.close();
      setState({ transfer: null });
    }
  }

  /** As `importCells`, for a person: a table without a unit is asked about, errors are said. */
  async importShown(file: File, unit: LengthUnit | null = null): Promise<void> {
    setState({ askUnit: null, panel: 'results', notice: null });
    await this.shown(async (signal) => {
      try {
        await this.importCells(file, unit, signal);
      } catch (error) {
        const ask = isCytolensError(error, 'no-scale') && getState().slide?.mpp !== null;
        if (!ask) throw error;
        setState({ askUnit: file });
      }
    });
  }

  /** Put the analysed cells back in the place of those from a file. */
  closeImported(): void {
    const { aside, bench } = this;
    this.aside = null;
    if (aside && aside.slide?.info.id === getState().slide?.info.id) {
      const { cells, run, score, top } = aside;
      bench.showAgain(cells, { run, score, top });
    } else bench.clear();
  }

  /** Stop the file under way; nothing of it is kept. */
  cancel(): void {
    this.running?.abort();
  }

  private setAside(): void {
    // Cells of a second file replace those of the first; what was analysed stays aside.
    if (getState().imported) return;
    this.stopAnalysis();
    const { slide, run, score, top } = getState();
    this.aside = { slide, run, score, top, cells: this.bench.cells };
  }

  private async send(
    format: ExportFormat,
    input: ExportInput,
    target: FileSystemFileHandle | null,
    { signal, onProgress }: ExportOptions,
  ): Promise<Written> {
    const worker = startTransfer();
    try {
      const transfer = cellBuffers(input.cells);
      return await worker.call(
        'write',
        { format, input, target },
        { signal, onProgress, transfer },
      );
    } finally {
      worker.close();
    }
  }

  /** One copy of the table at one moment: values that change meanwhile cannot mix into it. */
  private input(format: ExportFormat): ExportInput {
    const { kit } = getState();
    const provenance = this.provenance();
    const cells = sliceCells(this.bench.cells);
    const grid = format === 'dicom-map' ? heatGrid(cells, provenance.slide.mpp) : null;
    return { cells, types: kit?.types ?? [], provenance, grid };
  }

  private provenance(): Provenance {
    const { slide, kit, score, run, imported } = getState();
    if (imported) {
      throw new CytolensError(
        'unsupported',
        'The cells shown come from a file. Close them to export the analysed ones.',
      );
    }
    if (!slide?.mpp || !kit || !score || !run.region) {
      throw new CytolensError('no-tissue', 'There is nothing to export yet. Analyse a view first.');
    }
    const facts = { id: slide.info.id, name: shownName(slide), mpp: slide.mpp };
    return provenanceOf(__VERSION__, facts, run.region, kit, score, new Date());
  }

  /** One file at a time; an error becomes a sentence on screen. */
  private async shown(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.cancel();
    const abort = new AbortController();
    this.running = abort;
    try {
      await work(abort.signal);
    } catch (error) {
      report(toCytolensError(error));
    } finally {
      if (this.running === abort) {
        this.running = null;
        setState({ transfer: null });
      }
    }
  }
}
