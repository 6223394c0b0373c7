/** Commands of the case list. What is kept is written first; the state follows. */
import { toCytolensError } from '../../core/errors.ts';
import type { LocalFile, SlideSource } from '../../slide/slide.ts';
import { download, fileName } from '../files.ts';
import { getState, report, setState } from '../state.ts';
import { Bookmarks } from './bookmarks.ts';
import {
  type Case,
  type CaseSlide,
  type KeptSource,
  keyOf,
  keyOfSource,
  summaryOf,
} from './case.ts';
import { filesBelow, pickFolder, rememberFiles, sourceOfSlide } from './folder.ts';
import { slidesAmong } from './grouping.ts';
import { readCaseList, writeCaseList } from './list.ts';
import { mergeCase } from './merge.ts';
import { DeskStore } from './store.ts';
import { Thumbnails } from './thumbnails.ts';

const byName = new Intl.Collator('en', { numeric: true }).compare;
const CURRENT_KEY = 'cytolens.case';

interface Found {
  case: string;
  name: string;
  detail: string;
  kept: KeptSource;
}

export class Cases {
  readonly thumbnails: Thumbnails;
  readonly bookmarks: Bookmarks;
  private readonly all = new Map<string, Case>();
  private readonly store: Promise<DeskStore | null>;
  private reading: AbortController | null = null;

  constructor(
    private readonly open: (source: SlideSource) => Promise<void>,
    views: ConstructorParameters<typeof Bookmarks>[1],
  ) {
    // A browser that keeps nothing (a private window) still shows cases of this session.
    this.store = DeskStore.open().catch(() => null);
    this.thumbnails = new Thumbnails(this.store);
    this.bookmarks = new Bookmarks(this.store, views);
  }

  /** Read what was kept. */
  async load(): Promise<void> {
    const kept = (await (await this.store)?.cases().catch(() => [])) ?? [];
    for (const of of kept) if (!this.all.has(of.name)) this.all.set(of.name, of);
    const current = localStorage.getItem(CURRENT_KEY);
    this.show(current !== null && this.all.has(current) ? current : null);
  }

  /** Show the slides of a case in the rail; null for the slides at hand. */
  show(name: string | null): void {
    if (name === null) localStorage.removeItem(CURRENT_KEY);
    else localStorage.setItem(CURRENT_KEY, name);
    setState({ currentCase: name });
    this.publish();
  }

  /** Ask for a folder that can be read again later. */
  async addFolderShown(): Promise<void> {
    await this.shown(async () => {
      const folder = await pickFolder();
      this.reading?.abort();
      this.reading = new AbortController();
      try {
        setState({ readingFolder: 0 });
        const files = await filesBelow(
          folder,
          (readingFolder) => setState({ readingFolder }),
          this.reading.signal,
        );
        const found = slidesAmong(files).map(({ files: parts, ...slide }) => ({
          ...slide,
          kept: { kind: 'handles', files: parts } as const,
        }));
        await this.add(found, folder.name);
      } finally {
        setState({ readingFolder: null });
      }
    });
  }

  stopReading(): void {
    this.reading?.abort();
  }

  /** Files of this session, as a folder input or a drop gives them; paths begin with the folder. */
  async addFilesShown(files: readonly LocalFile[]): Promise<void> {
    await this.shown(async () => {
      rememberFiles(files);
      const found = slidesAmong(files).map(({ files: parts, ...slide }) => ({
        ...slide,
        kept: { kind: 'files', paths: parts.map(({ path }) => path) } as const,
      }));
      await this.add(found, files[0]?.path.split('/')[0] ?? '');
    });
  }

  /** A JSON list of this disk. */
  async addListShown(file: File): Promise<void> {
    await this.shown(async () => {
      const name = file.name.replace(/\.json$/i, '');
      const { cases, bookmarks } = readCaseList(await file.text(), name, null);
      await this.take(cases);
      await this.bookmarks.take(bookmarks);
    });
  }

  /** Open a slide of a case, in answer to a click: the browser may ask to read its folder. */
  async openSlideShown(slide: CaseSlide): Promise<void> {
    await this.shown(async () => {
      const source = await sourceOfSlide(slide, true);
      if (!source) return;
      await this.open(source);
      const id = getState().slide?.info.id ?? null;
      if (id !== slide.slide) await this.change({ ...slide, slide: id });
    });
  }

  /** How to open a slide of any case by the identity of its pixels; null where that is not known. */
  async sourceOf(id: string, ask: boolean): Promise<SlideSource | null> {
    const slides = [...this.all.values()].flatMap((of) => of.slides);
    const known = slides.find((slide) => slide.slide === id);
    return known ? sourceOfSlide(known, ask) : null;
  }

  /** Open the slide that many places further in the rail's list. */
  async step(by: 1 | -1): Promise<void> {
    const { currentCase, caseSlides, local, slide } = getState();
    const key = slide && keyOfSource(slide.source);
    if (currentCase === null) {
      const at = local.findIndex((choice) => keyOfSource(choice.source) === key);
      const next = local[at + by];
      if (next) await this.shown(() => this.open(next.source));
      return;
    }
    const next = caseSlides[caseSlides.findIndex((row) => row.key === key) + by];
    if (next) await this.openSlideShown(next);
  }

  /** Mark a slide as reviewed now, or as not reviewed. */
  async toggleReviewed(slide: CaseSlide): Promise<void> {
    await this.change({ ...slide, reviewed: slide.reviewed ? null : new Date().toISOString() });
  }

  /** Mark the open slide, where it is of the case shown. */
  async toggleOpenReviewed(): Promise<void> {
    const { caseSlides, slide } = getState();
    const key = slide && keyOfSource(slide.source);
    const row = caseSlides.find((each) => each.key === key);
    if (row) await this.toggleReviewed(row);
  }

  /** Mark every slide of the case as reviewed now, or none. */
  async markAll(name: string, reviewed: boolean): Promise<void> {
    const of = this.all.get(name);
    if (!of) return;
    const now = reviewed ? new Date().toISOString() : null;
    await this.put({
      ...of,
      slides: of.slides.map((slide) => ({ ...slide, reviewed: now && (slide.reviewed ?? now) })),
    });
  }

  async setNotes(name: string, notes: string): Promise<void> {
    const of = this.all.get(name);
    if (of) await this.put({ ...of, notes });
  }

  /** Forget a case. Its files, results and bookmarks stay. */
  async remove(name: string): Promise<void> {
    this.all.delete(name);
    await this.keep((store) => store.removeCase(name));
    this.show(null);
  }

  /** The case as a JSON list, with marks, notes and bookmarks, among the downloads. */
  async saveShown(name: string): Promise<void> {
    await this.shown(async () => {
      const of = this.all.get(name);
      if (!of) return;
      const bookmarks = await this.bookmarks.ofSlides(of.slides);
      const blob = new Blob([writeCaseList(of, bookmarks)], { type: 'application/json' });
      download(blob, fileName(getState().namesMasked ? 'case' : name, '.cases.json'));
    });
  }

  private async add(found: readonly Found[], folder: string): Promise<void> {
    if (found.length === 0) {
      const message = `No slide was found in ${folder || 'this folder'}. Its files have none of the endings that Cytolens reads.`;
      setState({ notice: { tone: 'info', message, detail: '' } });
      return;
    }
    const cases = new Map<string, Case>();
    for (const slide of found) {
      const of = cases.get(slide.case) ?? { name: slide.case, number: 0, notes: '', slides: [] };
      cases.set(slide.case, of);
      const order = of.slides.length;
      of.slides.push({ ...slide, key: keyOf(slide.kept), order, reviewed: null, slide: null });
    }
    await this.take([...cases.values()]);
  }

  /** Take cases in: slides known already keep their marks. A single case is shown. */
  private async take(added: readonly Case[]): Promise<void> {
    this.thumbnails.retry();
    let number = Math.max(0, ...[...this.all.values()].map((of) => of.number));
    const cases = added.map((of) => {
      const known = this.all.get(of.name);
      return known ? mergeCase(known, of) : { ...of, number: ++number };
    });
    for (const of of cases) this.all.set(of.name, of);
    this.show(cases.length === 1 ? cases[0].name : getState().currentCase);
    setState({ railView: cases.length === 1 ? 'slides' : 'cases' });
    await this.keep((store) => store.putCases(cases));
  }

  private async change(slide: CaseSlide): Promise<void> {
    const of = this.all.get(slide.case);
    if (!of) return;
    const slides = of.slides.map((row) => (row.key === slide.key ? slide : row));
    await this.put({ ...of, slides });
  }

  private async put(of: Case): Promise<void> {
    this.all.set(of.name, of);
    this.publish();
    await this.keep((store) => store.putCases([of]));
  }

  private publish(): void {
    const { currentCase } = getState();
    const shown = currentCase === null ? undefined : this.all.get(currentCase);
    setState({
      cases: [...this.all.values()].map(summaryOf).sort((a, b) => byName(a.name, b.name)),
      caseSlides: shown?.slides ?? [],
      caseNotes: shown?.notes ?? '',
    });
  }

  /** Without storage the session goes on; it is said once, when something should have been kept. */
  private async keep(write: (store: DeskStore) => Promise<void>): Promise<void> {
    try {
      const store = await this.store;
      if (store) await write(store);
    } catch (error) {
      const message =
        'This browser could not keep the case list. It is here until the page is closed.';
      setState({ notice: { tone: 'error', message, detail: String(error) } });
    }
  }

  private async shown(work: () => Promise<void>): Promise<void> {
    await work().catch((error) => report(toCytolensError(error)));
  }
}
