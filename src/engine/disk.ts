/** The browser's storage as the engine uses it; without one, runs are simply not kept. */
import { isCytolensError, toCytolensError } from '../core/errors.ts';
import type { Kit } from '../model/kit.ts';
import { ResultCatalog } from '../store/results/catalog.ts';
import type { ResultIndex } from '../store/results/index-file.ts';
import { runKey, slideKey } from '../store/results/keys.ts';
import { opfsFiles, opfsSource } from '../store/results/opfs.ts';
import { openResults, type ResultReader } from '../store/results/reader.ts';
import { ResultWriter } from '../store/results/writer.ts';
import { headOf, identityOf } from './kept.ts';

/** Results found on disk, and whether this tab may write them. */
export interface FoundRun {
  reader: ResultReader;
  /** Null when another tab writes. */
  writer: ResultWriter | null;
}

export class Disk {
  private catalog: Promise<ResultCatalog> | null = null;

  /** The list of all that is kept. Throws `unsupported` where the browser keeps nothing. */
  async results(): Promise<ResultCatalog> {
    this.catalog ??= ResultCatalog.ofBrowser(navigator.storage);
    return this.catalog;
  }

  /**
   * Begin a run's folder anew. When nothing can be kept, `notKept` says why. Throws `busy` when
   * another tab is at it: the same slide is not analysed twice.
   */
  async create(
    slideId: string,
    kit: Kit,
    mpp: number,
    index: ResultIndex,
  ): Promise<{ writer: ResultWriter | null; notKept: string | null }> {
    try {
      const catalog = await this.results();
      const folder = await catalog.folder(slideId, identityOf(kit, mpp));
      const writer = await ResultWriter.create(await opfsFiles(folder), index);
      return { writer, notKept: null };
    } catch (error) {
      if (isCytolensError(error, 'busy')) throw error;
      return { writer: null, notKept: toCytolensError(error).message };
    }
  }

  /** Results of this slide by these models; null when there are none that can be read. */
  async find(
    slideId: string,
    kit: Kit,
    mpp: number,
    signal?: AbortSignal,
  ): Promise<FoundRun | null> {
    try {
      const catalog = await this.results();
      const folder = await catalog.open(pathOf(slideId, kit, mpp));
      try {
        const writer = await ResultWriter.resume(await opfsFiles(folder), headOf(kit), {
          signal,
        });
        return { reader: writer.reader, writer };
      } catch (error) {
        if (!isCytolensError(error, 'busy')) throw error;
        return { reader: await openResults(opfsSource(folder), { signal }), writer: null };
      }
    } catch (error) {
      if (isCytolensError(error, 'cancelled')) throw error;
      return null;
    }
  }
}

/** The folder of a run of these models, as the catalog lists it. */
export function pathOf(slideId: string, kit: Kit, mpp: number): string {
  return `${slideKey(slideId)}/${runKey(identityOf(kit, mpp))}`;
}
