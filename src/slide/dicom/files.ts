/** DICOM slides from files: one instance, or a folder whose instances are one slide. */
import { CytolensError, isCytolensError, toCytolensError } from '../../core/errors.ts';
import { type ByteSource, blobSource } from '../bytes.ts';
import type { LocalFile, Slide } from '../slide.ts';
import { type DataSet, Tag } from './dataset.ts';
import { fileFrames } from './frames.ts';
import { isDicom, readHeader } from './header.ts';
import { type FramePlaces, imageOf, placesOf } from './image.ts';
import type { Instance } from './plane.ts';
import { bySeries, type SeriesContext, slideOf } from './series.ts';
import { notASlide } from './sop.ts';
import { compressionOf } from './syntax.ts';

/** Headers read at once: enough to hide a slow disk, few enough to hold their windows. */
const AT_ONCE = 8;
const SLIDE_NAME = /\.(dcm|dicom)$/i;
/** Names that DICOM media have: no extension, or the last part of a UID. */
const BARE_NAME = /(^|\/)([^./]+|[\d.]+)$/;

/**
 * A slide of one instance. Throws `format`, `truncated`, `unsupported`, `too-large`, `network`,
 * `cancelled`.
 */
export async function openDicom(source: ByteSource, context: SeriesContext): Promise<Slide> {
  return slideOf([await readInstance(source, context.signal)], context);
}

/** Do these paths look like a DICOM folder? Most names end in .dcm, or have no extension at all. */
export function claimsDicom(paths: readonly string[]): boolean {
  const named = paths.filter((path) => SLIDE_NAME.test(path)).length;
  const bare = paths.filter((path) => BARE_NAME.test(path)).length;
  return named > 0 ? (named + bare) * 2 > paths.length : bare * 2 > paths.length && bare > 1;
}

/**
 * The slide with the largest picture among the files; `notes` of its description name the others.
 * Files that are no DICOM are passed over. Throws as `openDicom`, and `format` when none is a slide.
 */
export async function openDicomFolder(
  files: readonly LocalFile[],
  context: SeriesContext,
): Promise<Slide> {
  const found: Instance[] = [];
  const failed: CytolensError[] = [];
  const waiting = [...files];
  const worker = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      try {
        const source = blobSource(next.file);
        if (await begins(source, context.signal)) {
          found.push(await readInstance(source, context.signal));
        }
      } catch (error) {
        if (isCytolensError(error, 'cancelled')) throw error;
        failed.push(toCytolensError(error));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (found.length === 0) throw failed[0] ?? noSlide(files.length);
  const [largest, ...others] = bySeries(found);
  const notes = others.length > 0 ? [othersIn(others)] : [];
  // A damaged level would go unseen, with only a coarser one in its place.
  const broken = failed.filter(({ tag }) => tag !== 'unsupported').length;
  if (broken > 0)
    notes.push(`${broken} of the ${files.length} files are damaged and were left out.`);
  return slideOf(largest, context, notes);
}

async function begins(source: ByteSource, signal?: AbortSignal): Promise<boolean> {
  return isDicom(await source.read(0, Math.min(132, source.size), signal));
}

async function readInstance(source: ByteSource, signal?: AbortSignal): Promise<Instance> {
  let places: FramePlaces | null = null;
  const header = await readHeader(
    source,
    (before: DataSet) => {
      const wanted = placesOf(before);
      places = wanted?.places ?? null;
      return wanted?.visit ?? null;
    },
    signal,
  );
  if (!header.attributes.text(Tag.SOPClassUID)) throw notASlide(header.attributes);
  const image = imageOf(header.attributes, places);
  compressionOf(header.transferSyntax);
  return { image, frames: await fileFrames(source, header, image, signal) };
}

function othersIn(groups: readonly Instance[][]): string {
  const names = groups.map(([{ image }]) => {
    const title = image.description.slice(0, 40);
    return `${title ? `"${title}", ` : ''}${image.width} x ${image.height} px`;
  });
  const count = names.length === 1 ? '1 other series' : `${names.length} other series`;
  return `This folder holds ${count} beside the largest, which is shown: ${names.slice(0, 5).join('; ')}${names.length > 5 ? '; …' : ''}. Choose the files of one series to see it.`;
}

function noSlide(files: number): CytolensError {
  return new CytolensError(
    'format',
    'None of these files is DICOM. Choose the folder that holds the .dcm files of one slide.',
    `${files} files`,
  );
}
