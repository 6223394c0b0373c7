/** Commands of bookmarks: of the open slide, by the identity of its pixels. */
import type { Rect } from '../../core/geometry.ts';
import { NARROW_RAIL } from '../look/state.ts';
import { getState, setState } from '../state.ts';
import { type Bookmark, bookmarkOf } from './bookmark.ts';
import type { CaseSlide } from './case.ts';
import type { DeskStore } from './store.ts';

/** How the slide lies on screen. */
export interface BookmarkedView {
  /** Level-0 px. */
  view: Rect;
  /** Degrees clockwise; none when left out. */
  turn?: number;
  flip?: boolean;
}

/** The viewer, as bookmarks use it. */
export interface Views {
  read(): BookmarkedView;
  show(view: BookmarkedView): void;
}

export class Bookmarks {
  /** Where nothing can be kept, those of this session. */
  private readonly session = new Map<string, Bookmark>();

  constructor(
    private readonly store: Promise<DeskStore | null>,
    private readonly views: Views,
  ) {}

  /** Read those of the open slide. */
  async load(): Promise<void> {
    const id = getState().slide?.info.id;
    const bookmarks = id === undefined ? [] : await this.of(id);
    if (getState().slide?.info.id === id) setState({ bookmarks });
  }

  /** Mark what is on screen; its number stands for a caption until there is one. */
  async add(): Promise<Bookmark | null> {
    const { slide, bookmarks } = getState();
    if (!slide) return null;
    const caption = `Place ${bookmarks.length + 1}`;
    const made = new Date().toISOString();
    const bookmark = bookmarkOf(slide.info.id, { caption, made, ...this.views.read() });
    await this.take([bookmark]);
    return bookmark;
  }

  /** As `add`, and say so where no list shows it. */
  async addShown(): Promise<void> {
    const bookmark = await this.add();
    const { railWidth, panelsHidden, presenting } = getState();
    if (!bookmark || (railWidth > NARROW_RAIL && !panelsHidden && !presenting)) return;
    const message = `Bookmark kept: ${bookmark.caption}. Widen the list of slides to name it.`;
    setState({ notice: { tone: 'info', message, detail: '' } });
  }

  show(bookmark: Bookmark): void {
    this.views.show(bookmark);
  }

  async rename(bookmark: Bookmark, caption: string): Promise<void> {
    await this.take([{ ...bookmark, caption }]);
  }

  async remove({ id }: Bookmark): Promise<void> {
    this.session.delete(id);
    await (await this.store)?.removeBookmark(id);
    await this.load();
  }

  /** Keep these, from a list too. */
  async take(bookmarks: readonly Bookmark[]): Promise<void> {
    for (const bookmark of bookmarks) this.session.set(bookmark.id, bookmark);
    await (await this.store)?.putBookmarks(bookmarks);
    await this.load();
  }

  async ofSlides(slides: readonly CaseSlide[]): Promise<Bookmark[]> {
    const ids = new Set(slides.flatMap(({ slide }) => slide ?? []));
    return (await Promise.all([...ids].map((id) => this.of(id)))).flat();
  }

  private async of(slide: string): Promise<Bookmark[]> {
    const store = await this.store;
    if (store) return store.bookmarks(slide);
    return [...this.session.values()].filter((bookmark) => bookmark.slide === slide);
  }
}
