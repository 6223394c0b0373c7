/**
 * What libvips writes beside a pyramid (`vips-properties.xml`): the scanner's own metadata, among
 * them um/px. Only what the scanner said is taken; a default resolution of libvips is not.
 */
import { squareMpp } from './describe.ts';
import type { CatalogFacts } from './slide.ts';

/** Such a file holds an ICC profile in hex at most; longer ones are not read. */
export const PROPERTIES_LIMIT = 2 * 1024 * 1024;

/** um/px and objective of a `vips-properties.xml`; an empty object when it says neither. */
export function parseProperties(xml: string): Pick<CatalogFacts, 'mpp' | 'objective' | 'scanner'> {
  const x = number(xml, 'openslide.mpp-x') ?? number(xml, 'aperio.MPP');
  const y = number(xml, 'openslide.mpp-y') ?? x;
  const objective = number(xml, 'openslide.objective-power') ?? number(xml, 'aperio.AppMag');
  const vendor = value(xml, 'openslide.vendor') ?? '';
  const model = value(xml, 'aperio.ScannerType') ?? '';
  const scanner = `${vendor.charAt(0).toUpperCase()}${vendor.slice(1)} ${model}`.trim();
  const facts: ReturnType<typeof parseProperties> = {};
  const mpp = x && y ? squareMpp(x, y) : null;
  if (mpp) facts.mpp = mpp;
  if (objective && objective >= 1 && objective <= 200) facts.objective = objective;
  if (scanner) facts.scanner = scanner.slice(0, 80);
  return facts;
}

function number(xml: string, name: string): number | null {
  const text = value(xml, name);
  const parsed = text === null ? Number.NaN : Number(text);
  return Number.isFinite(parsed) ? parsed : null;
}

function value(xml: string, name: string): string | null {
  const start = xml.indexOf(`<name>${name}</name>`);
  if (start < 0) return null;
  const found = /^<name>[^<]*<\/name>\s*<value[^>]*>([^<]*)<\/value>/.exec(
    xml.slice(start, start + 400),
  );
  return found ? found[1].trim() : null;
}
