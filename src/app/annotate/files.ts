/** Annotations to and from files: GeoJSON both ways, ImageScope XML in. */
import type { Annotation } from '../../annotation/annotation.ts';
import { annotationParts } from '../../annotation/geojson.ts';
import { boundsOf } from '../../annotation/geometry.ts';
import { looksLikeImageScope, readImageScope } from '../../annotation/imagescope.ts';
import { peekAtFeatures, readAnnotations } from '../../annotation/read-geojson.ts';
import { CytolensError, isCytolensError, toCytolensError } from '../../core/errors.ts';
import { intersect } from '../../core/geometry.ts';
import { download, fileName, pickTarget } from '../files.ts';
import { openName, shownName } from '../names.ts';
import { getState, type OpenedSlide, report, setState } from '../state.ts';
import type { Annotator } from './annotator.ts';

const MIME = 'application/geo+json';
/** Enough of a file to tell XML from JSON. */
const HEAD_BYTES = 4096;

export interface ImportedAnnotations {
  annotations: number;
  /** Features of the same file that are cells: they are for the importer of cells. */
  cells: number;
  /** Without a shape that can be drawn. */
  skipped: number;
  /** Outside of the slide; taken all the same. */
  outside: number;
}

export class AnnotationFiles {
  private reading: AbortController | null = null;

  constructor(private readonly annotator: Annotator) {}

  /** All annotations of the slide as GeoJSON, with where they come from. Throws `cancelled`. */
  async toGeoJson(signal?: AbortSignal): Promise<Blob> {
    const { slide } = getState();
    const parts: string[] = [];
    const about = provenance(slide);
    for await (const part of annotationParts(this.annotator.list, about, signal)) parts.push(part);
    return new Blob(parts, { type: MIME });
  }

  /** Save them where the user says; without a way to ask, among the downloads. */
  async saveShown(): Promise<void> {
    try {
      const name = fileName(openName(), '-annotations.geojson');
      const target = await pickTarget(name, MIME);
      const blob = await this.toGeoJson();
      if (!target) return download(blob, name);
      const stream = await target.createWritable();
      await stream.write(blob);
      await stream.close();
    } catch (error) {
      if (!isCytolensError(toCytolensError(error), 'cancelled')) report(toCytolensError(error));
    }
  }

  /**
   * Add the annotations of a file to those of the slide, as one step; one of a known id takes the
   * place of the former. Throws what the readers throw, and `format` where none lies on the slide.
   */
  async read(file: File, signal?: AbortSignal): Promise<ImportedAnnotations> {
    const { slide } = getState();
    if (!slide) throw new CytolensError('internal', 'Open the slide of these annotations first.');
    const found = await readFile(file, (bytes) => this.progress(file, bytes), signal);
    if (getState().slide?.info.id !== slide.info.id) {
      throw new CytolensError('cancelled', 'Another slide was opened meanwhile.');
    }
    const { annotations, cells, skipped } = found;
    const outside = annotations.filter((a) => !onSlide(a, slide)).length;
    if (annotations.length > 0 && outside === annotations.length) {
      const { width, height } = slide.info;
      throw new CytolensError(
        'format',
        `No annotation of the file lies on this slide (${width.toLocaleString('en')} × ${height.toLocaleString('en')} px). The file belongs to another slide.`,
      );
    }
    if (annotations.length > 0) this.annotator.add(annotations);
    return { annotations: annotations.length, cells, skipped, outside };
  }

  /** As `read`, for a person: what became of the file, or went wrong, is said. */
  async readShown(file: File): Promise<ImportedAnnotations | null> {
    this.reading?.abort();
    const abort = new AbortController();
    this.reading = abort;
    try {
      const found = await this.read(file, abort.signal);
      if (found.annotations === 0 && found.cells === 0) {
        throw new CytolensError('format', 'This file holds no annotations.');
      }
      setState({ notice: { tone: 'info', message: sentence(file, found), detail: '' } });
      if (found.annotations > 0) setState({ panel: 'marks' });
      return found;
    } catch (error) {
      report(toCytolensError(error));
      return null;
    } finally {
      if (this.reading === abort) this.annotator.set({ reading: null });
    }
  }

  /**
   * Whose reader a dropped file is for: annotations, cells, or both, one after the other. A GeoJSON
   * file of shapes that do not say what they are is one of cells, as before there were annotations.
   */
  async holds(file: File): Promise<{ annotations: boolean; cells: boolean }> {
    const nothing = { annotations: false, cells: true };
    if (/\.xml$/i.test(file.name)) return { annotations: true, cells: false };
    if (!/\.(geo)?json$/i.test(file.name)) return nothing;
    const first = await peekAtFeatures(file).catch(() => null);
    if (!first) return nothing;
    return { annotations: first.annotations > 0, cells: first.annotations === 0 };
  }

  private progress(file: File, bytes: number): void {
    const share = Math.min(1, bytes / Math.max(1, file.size));
    this.annotator.set({ reading: { name: file.name, share } });
  }
}

async function readFile(file: File, onBytes: (bytes: number) => void, signal?: AbortSignal) {
  const head = await file.slice(0, HEAD_BYTES).text();
  if (!head.trimStart().startsWith('<')) return readAnnotations(file, { signal, onBytes });
  if (!looksLikeImageScope(head)) {
    throw new CytolensError(
      'format',
      'This XML file does not hold ImageScope annotations. Save the annotations again in ImageScope, or export GeoJSON from QuPath.',
    );
  }
  return { ...readImageScope(await file.text()), cells: 0 };
}

function onSlide({ geometry }: Annotation, { info }: OpenedSlide): boolean {
  const { x, y, w, h } = boundsOf(geometry);
  // A point and an upright line have boxes without an area.
  const box = { x: x - 0.5, y: y - 0.5, w: w + 1, h: h + 1 };
  return intersect(box, { x: 0, y: 0, w: info.width, h: info.height }) !== null;
}

function provenance(slide: OpenedSlide | null) {
  return {
    notice: 'Annotations made by hand. Research use only.',
    cytolens: __VERSION__,
    time: new Date().toISOString(),
    // A name that is masked on screen is masked in files too.
    slide: slide && { name: shownName(slide), mpp: slide.mpp },
    units: 'level-0 px',
  };
}

function sentence(file: File, { annotations, skipped, outside }: ImportedAnnotations): string {
  const count = (n: number) => n.toLocaleString('en');
  const parts = [`${count(annotations)} annotations from ${file.name}.`];
  if (skipped > 0) parts.push(`${count(skipped)} without a shape were left out.`);
  if (outside > 0) parts.push(`${count(outside)} lie outside of the slide.`);
  return parts.join(' ');
}
