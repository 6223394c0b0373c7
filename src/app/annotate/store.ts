/**
 * Annotations kept in the browser, so that a reload or a crash loses nothing. A slide's list is cut
 * into chunks: copying 100,000 annotations at once would stop the page for a second, and after most
 * changes only one chunk is another. A slide's record names its chunks and is replaced last, so what
 * is read is always one whole list.
 */
import { type IDBPDatabase, openDB } from 'idb';
import {
  type Annotation,
  type Classification,
  DEFAULT_CLASSES,
  newId,
} from '../../annotation/annotation.ts';
import { CytolensError } from '../../core/errors.ts';
import { nextTask } from '../../core/tasks.ts';

export interface Kept {
  annotations: readonly Annotation[];
  classes: readonly Classification[];
}

/** What is stored of a slide beside its chunks. */
interface SlideRecord {
  chunks: string[];
  classes: readonly Classification[];
  /** When it was written, ms since 1970. */
  time: number;
}

const DATABASE = 'cytolens-annotations';
const SLIDES = 'slides';
const CHUNKS = 'chunks';
/** Annotations a chunk. */
const CHUNK = 2000;

export class AnnotationStore {
  private database: Promise<IDBPDatabase> | null = null;
  private readonly channel = new BroadcastChannel(DATABASE);
  private writing: Promise<unknown> = Promise.resolve();
  /** What the chunks of the slide hold that was read or written last. */
  private known: { slideId: string; chunks: string[]; annotations: readonly Annotation[] } | null =
    null;

  /** `onOtherTab` is told the id of a slide whose annotations another tab has written. */
  constructor(onOtherTab: (slideId: string) => void) {
    this.channel.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === 'string') onOtherTab(event.data);
    };
  }

  /** What is kept of a slide; null for none. Throws `quota` where the browser keeps nothing. */
  async read(slideId: string): Promise<Kept | null> {
    const database = await this.open();
    const reading = database.transaction([SLIDES, CHUNKS]);
    const record: SlideRecord | undefined = await reading.objectStore(SLIDES).get(slideId);
    if (!record) return null;
    const store = reading.objectStore(CHUNKS);
    const parts: (Annotation[] | undefined)[] = await Promise.all(
      record.chunks.map((key) => store.get(key)),
    );
    const annotations = parts.flatMap((part) => part ?? []);
    this.known = { slideId, chunks: record.chunks, annotations };
    return { annotations, classes: record.classes ?? DEFAULT_CLASSES };
  }

  /** Replace what is kept of a slide; after whatever is being written. Throws `quota`. */
  write(slideId: string, kept: Kept): Promise<void> {
    const written = this.writing.then(() => this.put(slideId, kept));
    this.writing = written.catch(() => undefined);
    return written;
  }

  close(): void {
    this.channel.close();
    void this.database?.then((database) => database.close()).catch(() => undefined);
  }

  private async put(slideId: string, { annotations, classes }: Kept): Promise<void> {
    const database = await this.open();
    const known = this.known?.slideId === slideId ? this.known : null;
    const chunks: string[] = [];
    const reused: string[] = [];
    const stored: Promise<unknown>[] = [];
    try {
      for (let from = 0; from < annotations.length; from += CHUNK) {
        const part = annotations.slice(from, from + CHUNK);
        const same = known && isSame(part, known.annotations.slice(from, from + CHUNK));
        const key = same ? known.chunks[from / CHUNK] : newId();
        chunks.push(key);
        if (same) {
          reused.push(key);
          continue;
        }
        // Copied one after the other, so that the page stays at hand; stored side by side.
        if (stored.length > 0) await nextTask();
        stored.push(database.put(CHUNKS, part, key));
      }
      await Promise.all(stored);
      const writing = database.transaction([SLIDES, CHUNKS], 'readwrite');
      const former: SlideRecord | undefined = await writing.objectStore(SLIDES).get(slideId);
      if (!reused.every((key) => former?.chunks.includes(key))) {
        // Another tab has replaced chunks that this list still has: all of them are written anew.
        this.known = null;
        await writing.done;
        return await this.put(slideId, { annotations, classes });
      }
      const record: SlideRecord = { chunks, classes, time: Date.now() };
      await writing.objectStore(SLIDES).put(record, slideId);
      const gone = former?.chunks.filter((key) => !chunks.includes(key)) ?? [];
      await Promise.all(gone.map((key) => writing.objectStore(CHUNKS).delete(key)));
      await writing.done;
    } catch (error) {
      throw notKept(error);
    }
    this.known = { slideId, chunks, annotations };
    this.channel.postMessage(slideId);
  }

  private open(): Promise<IDBPDatabase> {
    this.database ??= openDB(DATABASE, 1, {
      upgrade: (database) => {
        database.createObjectStore(SLIDES);
        database.createObjectStore(CHUNKS);
      },
    }).catch((error) => {
      this.database = null;
      throw notKept(error);
    });
    return this.database;
  }
}

/** Annotations are never changed in place: the same objects are the same content. */
function isSame(one: readonly Annotation[], other: readonly Annotation[]): boolean {
  return one.length === other.length && one.every((annotation, i) => annotation === other[i]);
}

function notKept(error: unknown): CytolensError {
  return new CytolensError(
    'quota',
    'This browser does not keep annotations (its storage is full or off). Export them before you leave.',
    String(error),
  );
}
