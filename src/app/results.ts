/** Results kept in the browser's storage: listed, shown, sent elsewhere, removed. */
import { CytolensError, isCytolensError, toCytolensError } from '../core/errors.ts';
import type { ResultsSource } from '../engine/engine.ts';
import { download, fileName, pickTarget } from './files.ts';
import type { KeptResult } from './run-state.ts';
import type { Running } from './running.ts';
import { getState, report, setState } from './state.ts';
import type { Workbench } from './workbench.ts';

const ARCHIVE_MIME = 'application/zip';

export class Results {
  constructor(
    private readonly bench: Workbench,
    private readonly running: Running,
  ) {}

  /** Read the list anew. A browser that keeps nothing has an empty one. */
  async list(): Promise<void> {
    try {
      const { entries, used, quota } = await this.bench.engine.call('results', null);
      const list = entries.map(({ path, index, problem, fields, bytes }) => ({
        path,
        problem,
        fields,
        bytes,
        name: index?.slide.name ?? 'Unreadable results',
        slideId: index?.slide.id ?? null,
        created: index?.created ?? null,
        total: index?.plan.total ?? 0,
        done: index?.state === 'done',
        models: index?.models.map(({ id }) => id) ?? [],
      }));
      setState({ kept: { list, used, quota, problem: null } });
    } catch (error) {
      const { message } = toCytolensError(error);
      setState({ kept: { list: [], used: 0, quota: 0, problem: message } });
    }
  }

  /** Show what is kept of the open slide. */
  async show(): Promise<void> {
    await this.running.restore().catch((error) => report(toCytolensError(error)));
  }

  async remove(path: string): Promise<void> {
    await this.bench.engine
      .call('removeResults', { path })
      .catch((error) => report(toCytolensError(error)));
    await this.list();
  }

  /** Remove what is kept of every slide. What another tab is writing stays, and is told. */
  async removeAll(): Promise<void> {
    await this.bench.engine
      .call('removeAllResults', null)
      .catch((error) => report(toCytolensError(error)));
    await this.list();
  }

  /** Write one result as an archive that another Cytolens opens. */
  async save({ path, name }: KeptResult): Promise<void> {
    const file = fileName(name, '.cytolens.zip');
    try {
      const target = await pickTarget(file, ARCHIVE_MIME);
      const stream = await target?.createWritable();
      const parts: Uint8Array<ArrayBuffer>[] = [];
      let written: Promise<void> = Promise.resolve();
      await this.bench.engine.call(
        'exportResults',
        { path },
        {
          onProgress: ({ bytes }) => {
            if (stream) written = written.then(() => stream.write(bytes));
            else parts.push(bytes);
          },
        },
      );
      await written;
      if (stream) await stream.close();
      else download(new Blob(parts, { type: ARCHIVE_MIME }), file);
    } catch (error) {
      if (!isCytolensError(toCytolensError(error), 'cancelled')) report(toCytolensError(error));
    }
  }

  /** Show results that someone sent: an archive, or the files of its folder. */
  async open(source: ResultsSource): Promise<void> {
    try {
      if (!getState().slide) throw new CytolensError('internal', 'Open the slide first.');
      await this.running.openResults(source);
    } catch (error) {
      report(toCytolensError(error));
    }
  }
}
