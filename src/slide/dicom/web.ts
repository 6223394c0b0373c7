/** DICOM slides on a DICOMweb service: QIDO-RS to find them, WADO-RS to read them by frames. */
import { CytolensError, toCytolensError } from '../../core/errors.ts';
import type { Bytes } from '../bytes.ts';
import type { DicomWebSeries, Slide } from '../slide.ts';
import { Tag } from './dataset.ts';
import { fromJson } from './dicom-json.ts';
import { imageOf } from './image.ts';
import type { Part } from './multipart.ts';
import type { Instance } from './plane.ts';
import { type SeriesContext, slideOf } from './series.ts';
import { Service } from './service.ts';
import { notASlide, WHOLE_SLIDE } from './sop.ts';
import type { Frame } from './syntax.ts';

/** A series that can be opened. Nothing of the patient is kept, not even the date. */
export interface SeriesEntry {
  study: string;
  series: string;
  description: string;
  modality: string;
  instances: number | null;
}

/** As many as a person looks through; more need a search, which the service's own pages have. */
export const LIST_LIMIT = 200;

const JPEG = '1.2.840.10008.1.2.4.50';
const PLAIN = '1.2.840.10008.1.2.1';
/** What a media type means where no transfer syntax is named beside it (PS3.18, 8.7.3). */
const SYNTAXES: Readonly<Record<string, string>> = {
  'image/jpeg': JPEG,
  'image/jls': '1.2.840.10008.1.2.4.80',
  'image/jp2': '1.2.840.10008.1.2.4.90',
  'image/j2c': '1.2.840.10008.1.2.4.90',
  'image/jphc': '1.2.840.10008.1.2.4.201',
  'image/dicom-rle': '1.2.840.10008.1.2.5',
};

/**
 * The slide series of a service, at most LIST_LIMIT. `service` is its address, with or without a
 * slash at the end. Throws `format`, `network`, `not-found`, `cancelled`.
 */
export async function listSeries(
  service: string,
  token?: string,
  signal?: AbortSignal,
): Promise<SeriesEntry[]> {
  const fields = 'includefield=0008103E&includefield=00201209';
  const path = `series?Modality=SM&limit=${LIST_LIMIT}&${fields}`;
  const answers = await new Service(service, token).json(path, signal);
  return answers
    .map((answer) => {
      const { attributes } = fromJson(answer, () => null);
      return {
        study: attributes.text(Tag.StudyInstanceUID),
        series: attributes.text(Tag.SeriesInstanceUID),
        description: attributes.text(Tag.SeriesDescription).slice(0, 80),
        modality: attributes.text(Tag.Modality),
        instances: attributes.number(Tag.NumberOfSeriesRelatedInstances),
      };
    })
    .filter(({ study, series, modality }) => isUid(study) && isUid(series) && modality === 'SM')
    .slice(0, LIST_LIMIT);
}

/**
 * Open a series: its description is one request, each tile another. Throws as `listSeries`, and
 * `unsupported` where the series is no slide.
 */
export async function openDicomWeb(source: DicomWebSeries, context: SeriesContext): Promise<Slide> {
  const service = new Service(source.service, source.token);
  if (!isUid(source.study) || !isUid(source.series)) throw notFound('a malformed identifier');
  const path = `studies/${source.study}/series/${source.series}`;
  const answers = await service.json(`${path}/metadata`, context.signal);
  const failed: CytolensError[] = [];
  const instances = answers.flatMap((answer) => {
    try {
      return [instanceOf(answer, service, path)];
    } catch (error) {
      failed.push(toCytolensError(error));
      return [];
    }
  });
  if (instances.length === 0) throw failed[0] ?? notFound('a series without instances');
  const name = instances[0].image.description.slice(0, 80) || context.name;
  return slideOf(instances, { ...context, name });
}

function instanceOf(answer: unknown, service: Service, series: string): Instance {
  const { attributes, places } = fromJson(answer, (address) => service.bulkAt(address));
  if (attributes.text(Tag.SOPClassUID) !== WHOLE_SLIDE) throw notASlide(attributes);
  const image = imageOf(attributes, places);
  if (!isUid(image.sopInstance)) throw notFound('a malformed identifier');
  const path = `${series}/instances/${image.sopInstance}/frames`;
  return {
    image,
    frames: {
      frame: async (index, signal) => frameOf(await service.bytes(`${path}/${index + 1}`, signal)),
    },
  };
}

function frameOf({ type, bytes }: Part): Frame {
  const named = /transfer-syntax="?([\d.]+)/i.exec(type)?.[1];
  const media = type.split(';')[0].trim().toLowerCase();
  return { bytes, transferSyntax: named ?? SYNTAXES[media] ?? syntaxOf(bytes) };
}

/** Some services call every frame a stream of bytes. */
function syntaxOf(bytes: Bytes): string {
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? JPEG : PLAIN;
}

/** Identifiers become parts of addresses, so nothing but digits and dots may be in them. */
function isUid(text: string): boolean {
  return /^\d[\d.]{0,127}$/.test(text);
}

function notFound(detail: string): CytolensError {
  return new CytolensError(
    'not-found',
    'The DICOMweb service has no such slide. List its slides again and choose one.',
    detail,
  );
}
