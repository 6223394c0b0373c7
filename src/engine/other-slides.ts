/** What is kept of slides other than the open one, for a search over the library. */

import { fieldRect } from '../analysis/plan.ts';
import type { SearchedSlide } from '../audit/retrieval/shelf.ts';
import { throwIfAborted } from '../core/errors.ts';
import type { Kit } from '../model/kit.ts';
import type { CatalogEntry } from '../store/results/catalog.ts';
import { opfsSource } from '../store/results/opfs.ts';
import { openResults, type ResultReader } from '../store/results/reader.ts';
import type { Disk } from './disk.ts';

export class OtherSlides {
  /** Opened results by path: every field was checked then. */
  private readonly readers = new Map<string, ResultReader>();

  constructor(private readonly disk: Disk) {}

  /**
   * Of each slide other than `openId` the newest results whose tokens are of the kit's encoder.
   * Results that cannot be read are passed over. Throws `unsupported`, `cancelled`.
   */
  async ofEncoder(kit: Kit, openId: string, signal: AbortSignal): Promise<SearchedSlide[]> {
    const { tokens } = kit.encoder.manifest.encoder;
    const catalog = await this.disk.results();
    const entries = await catalog.list();
    const newest = new Map<string, CatalogEntry>();
    for (const entry of entries) {
      const id = entry.index?.slide.id;
      if (!id || id === openId || newest.has(id)) continue;
      if (entry.index?.tokens.layout === tokens && entry.fields > 0) newest.set(id, entry);
    }
    const slides: SearchedSlide[] = [];
    for (const { path, index } of newest.values()) {
      throwIfAborted(signal);
      const known = this.readers.get(path);
      const same = known && known.index.created === index?.created;
      try {
        if (same) await known.refresh(signal);
        const source = opfsSource(await catalog.open(path));
        const reader = same ? known : await openResults(source, { signal });
        this.readers.set(path, reader);
        if (reader.count > 0) slides.push(searched(path, reader));
      } catch {
        throwIfAborted(signal);
        this.readers.delete(path);
      }
    }
    return slides;
  }
}

function searched(path: string, reader: ResultReader): SearchedSlide {
  const { slide, field } = reader.index;
  return {
    account: reader,
    path,
    slideId: slide.id,
    slideName: slide.name,
    mpp: slide.mpp,
    count: reader.count,
    rectOf: (i) => fieldRect(reader.journal.fields[i], field.side),
    tokensOf: (i) => reader.tokensOf(i),
  };
}
