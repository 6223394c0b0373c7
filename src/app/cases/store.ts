/** What the desk keeps in this browser's IndexedDB: cases, bookmarks and thumbnails. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Bookmark } from './bookmark.ts';
import type { Case } from './case.ts';

export interface Thumbnail {
  key: string;
  picture: Blob;
  bytes: number;
  /** ms since 1970. */
  made: number;
}

interface DeskSchema extends DBSchema {
  cases: { key: string; value: Case };
  bookmarks: { key: string; value: Bookmark; indexes: { slide: string } };
  thumbnails: { key: string; value: Thumbnail; indexes: { made: number } };
}

/** Thumbnails take no more than this, bytes; the oldest go first. */
export const THUMBNAIL_BUDGET = 50e6;

/** Every method throws what IndexedDB throws: a DOMException where the browser keeps nothing. */
export class DeskStore {
  /** Of all thumbnails together; counted once, then kept up to date. */
  private thumbnailBytes: number | null = null;

  private constructor(private readonly db: IDBPDatabase<DeskSchema>) {}

  static async open(): Promise<DeskStore> {
    const db = await openDB<DeskSchema>('cytolens-desk', 1, {
      upgrade(fresh) {
        fresh.createObjectStore('cases', { keyPath: 'name' });
        fresh.createObjectStore('bookmarks', { keyPath: 'id' }).createIndex('slide', 'slide');
        fresh.createObjectStore('thumbnails', { keyPath: 'key' }).createIndex('made', 'made');
      },
    });
    return new DeskStore(db);
  }

  async cases(): Promise<Case[]> {
    return this.db.getAll('cases');
  }

  /**
   * Write whole cases. One record each: thousands of slides are read and written far quicker
   * together than one by one.
   */
  async putCases(cases: readonly Case[]): Promise<void> {
    const transaction = this.db.transaction('cases', 'readwrite');
    for (const of of cases) void transaction.store.put(of);
    await transaction.done;
  }

  async removeCase(name: string): Promise<void> {
    await this.db.delete('cases', name);
  }

  /** Bookmarks of a slide, the oldest first. */
  async bookmarks(slide: string): Promise<Bookmark[]> {
    const found = await this.db.getAllFromIndex('bookmarks', 'slide', slide);
    return found.sort((a, b) => (a.made < b.made ? -1 : 1));
  }

  async putBookmarks(bookmarks: readonly Bookmark[]): Promise<void> {
    const transaction = this.db.transaction('bookmarks', 'readwrite');
    for (const bookmark of bookmarks) void transaction.store.put(bookmark);
    await transaction.done;
  }

  async removeBookmark(id: string): Promise<void> {
    await this.db.delete('bookmarks', id);
  }

  async thumbnail(key: string): Promise<Blob | null> {
    return (await this.db.get('thumbnails', key))?.picture ?? null;
  }

  /** Keep a thumbnail; the oldest go while all together are over the budget (bytes). */
  async putThumbnail(key: string, picture: Blob, budget = THUMBNAIL_BUDGET): Promise<void> {
    this.thumbnailBytes ??= await this.countThumbnails();
    const transaction = this.db.transaction('thumbnails', 'readwrite');
    const former = await transaction.store.get(key);
    void transaction.store.put({ key, picture, bytes: picture.size, made: Date.now() });
    this.thumbnailBytes += picture.size - (former?.bytes ?? 0);
    if (this.thumbnailBytes > budget) {
      for await (const cursor of transaction.store.index('made').iterate()) {
        if (this.thumbnailBytes <= budget) break;
        this.thumbnailBytes -= cursor.value.bytes;
        void cursor.delete();
      }
    }
    await transaction.done;
  }

  private async countThumbnails(): Promise<number> {
    const kept = await this.db.getAll('thumbnails');
    return kept.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
