/** Commands of the audit page: a set, the encoders, a run, and the reports of it. */
import type { ModelEntry } from '../../analysis/analysis.ts';
import type { TilesSource } from '../../audit/encoder/api.ts';
import type { EncoderAudit } from '../../audit/encoder/encoder-audit.ts';
import { CytolensError, toCytolensError } from '../../core/errors.ts';
import type { LocalFile } from '../../slide/slide.ts';
import type { Annotator } from '../annotate/annotator.ts';
import { download, fileName } from '../files.ts';
import { type AppState, getState, setState } from '../state.ts';
import type { Workbench } from '../workbench.ts';
import { markedSlides } from './marked.ts';
import { type Marked, placesIn, summaryOf } from './places.ts';
import type { AuditDesk, ReportFormat } from './state.ts';

/** Side of a field where no encoder says it, um. */
const FIELD_UM = 112;

export class Auditing {
  private tiles: TilesSource | null = null;
  private tables: File[] = [];
  private marked: Marked[] = [];
  private asking: AbortController | null = null;

  constructor(
    private readonly bench: Workbench,
    private readonly annotator: Annotator,
  ) {}

  /** Take a folder in: pictures or slides, with their labels. */
  async takeFolder(files: readonly LocalFile[]): Promise<void> {
    const [folder] = files[0].path.split('/');
    await this.takeTiles({ kind: 'folder', name: folder, files });
  }

  /** Take files of embeddings in. They are read when the audit runs. */
  takeTables(files: readonly LocalFile[]): void {
    this.tables = files.map(({ file }) => file);
    const names = files.map(({ file }) => file.name);
    set({ set: { kind: 'tables', names }, error: null, results: [], marked: null });
  }

  /** Look for annotated areas in the slides at hand. */
  async findMarked(): Promise<void> {
    await this.ask(async (signal) => {
      set({ reading: true });
      this.marked = await markedSlides(this.annotator.list, signal);
      if (this.marked.length === 0) {
        throw new CytolensError(
          'format',
          'No slide at hand has areas with a class. Draw some (D), or open a case whose slides have them.',
        );
      }
      set({ marked: this.marked.map(summaryOf) });
    });
  }

  nameScanner(at: number, scanner: string): void {
    const { marked } = getState().audit;
    if (marked) set({ marked: marked.map((row, i) => (i === at ? { ...row, scanner } : row)) });
  }

  /** Make a set of the annotated areas, by the scanners that are named. */
  async cutMarked(): Promise<void> {
    const scanners = getState().audit.marked?.map(({ scanner }) => scanner.trim()) ?? [];
    const places = placesIn(this.marked, scanners, getState().kit?.fieldUm ?? FIELD_UM);
    const slides = this.marked.map(({ source, name, mpp }) => ({ source, name, mpp }));
    await this.takeTiles({ kind: 'places', name: 'annotated areas', slides, places });
  }

  choose(encoder: string, chosen: boolean): void {
    const ticked = chosenEncoders(getState()).map(({ id }) => id);
    const others = ticked.filter((id) => id !== encoder);
    set({ encoders: chosen ? [...others, encoder] : others });
  }

  /** Audit every chosen encoder, or the embeddings; those that are through stay when one fails. */
  async run(): Promise<void> {
    const { set: chosen, turned } = getState().audit;
    await this.ask(async (signal) => {
      if (!chosen) return;
      set({ results: [] });
      if (chosen.kind === 'tables') {
        const title = chosen.names.join(', ');
        const options = { signal, onProgress: this.follow(title, 0, 1) };
        const audits = await this.bench.engine.call('auditTables', { files: this.tables }, options);
        set({ results: titled(audits) });
        return;
      }
      const encoders = chosenEncoders(getState());
      for (const [at, { id, name }] of encoders.entries()) {
        const options = { signal, onProgress: this.follow(name, at, encoders.length) };
        const arg = { set: this.tiles as TilesSource, encoder: id, turned };
        const audit = await this.bench.engine.call('auditTiles', arg, options);
        set({ results: titled([...getState().audit.results, audit]) });
      }
    });
  }

  /** Audit without the page, for scripts. Throws `format`, `model`, `cancelled`. */
  audit(
    files: readonly LocalFile[],
    options: { encoder?: string; turned?: number; signal?: AbortSignal } = {},
  ): Promise<EncoderAudit> {
    const { audit, kit } = getState();
    const { encoder = kit?.encoder.status.id ?? '', turned = audit.turned, signal } = options;
    const tiles = { kind: 'folder', name: `${files.length} files`, files } as const;
    return this.bench.engine.call('auditTiles', { set: tiles, encoder, turned }, { signal });
  }

  cancel(): void {
    this.asking?.abort();
  }

  /** The results as a file, among the downloads. */
  async save(format: ReportFormat): Promise<void> {
    const { results, watts } = getState().audit;
    try {
      const { reportBlob } = await import('./report.ts');
      const blob = await reportBlob(format, { audits: results, watts, date: new Date() });
      download(blob, fileName('encoder-audit', `.${format}`));
    } catch (error) {
      set({ error: toCytolensError(error).message });
    }
  }

  private async takeTiles(tiles: TilesSource): Promise<void> {
    await this.ask(async (signal) => {
      // The former set goes at once: were this one not readable, the other would be audited.
      set({ reading: true, results: [], set: null });
      const fieldUm = getState().kit?.fieldUm ?? FIELD_UM;
      const summary = await this.bench.engine.call(
        'describeTiles',
        { set: tiles, fieldUm },
        { signal },
      );
      this.tiles = tiles;
      set({ set: { kind: 'tiles', name: tiles.name, summary }, marked: null });
    });
  }

  private follow(title: string, at: number, of: number) {
    set({ running: { title, at, of, step: null } });
    return (step: NonNullable<AuditDesk['running']>['step']) =>
      set({ running: { title, at, of, step } });
  }

  /** One long question at a time; what went wrong is said on the page. */
  private async ask(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.asking?.abort();
    const abort = new AbortController();
    this.asking = abort;
    set({ error: null });
    try {
      await work(abort.signal);
    } catch (error) {
      const known = toCytolensError(error);
      if (this.asking !== abort) return;
      const cancelled = known.tag === 'cancelled';
      set({ error: cancelled ? 'Cancelled. What was through stays.' : known.message });
    } finally {
      if (this.asking === abort) set({ running: null, reading: false });
    }
  }
}

/** The encoders that are ticked: the one in use until another choice is made. */
export function chosenEncoders({
  audit,
  entries,
  kit,
}: Pick<AppState, 'audit' | 'entries' | 'kit'>): ModelEntry[] {
  const ids = audit.encoders ?? [kit?.encoder.status.id];
  return entries.filter(({ id, role }) => role === 'encoder' && ids.includes(id));
}

/** Columns are told apart by their titles: where two are alike, the later ones are numbered. */
function titled(audits: readonly EncoderAudit[]): EncoderAudit[] {
  return audits.map((audit, i) => {
    const alike = ({ title }: EncoderAudit) =>
      title === audit.title || title.startsWith(`${audit.title} (`);
    const before = audits.slice(0, i).filter(alike).length;
    return before > 0 ? { ...audit, title: `${audit.title} (${before + 1})` } : audit;
  });
}

function set(change: Partial<AuditDesk>): void {
  setState(({ audit }) => ({ audit: { ...audit, ...change } }));
}
