/** The scanner's colours as sRGB: a table through which the GPU looks every pixel up. */
import {
  cmsFLAGS_BLACKPOINTCOMPENSATION,
  INTENT_RELATIVE_COLORIMETRIC,
  instantiate,
  type Lcms,
  TYPE_RGB_16,
} from 'lcms-wasm';
import { CytolensError } from '../../core/errors.ts';
import type { Bytes } from '../../slide/bytes.ts';
import { type ColourTable, LUT_SIDE } from './look.ts';

let library: Promise<Lcms> | null = null;

/**
 * A profile (ICC.1, as stored in a slide) as a table to sRGB: relative colorimetric with black
 * point compensation, so that glass stays white. Throws `format` for what is no RGB profile.
 */
export async function tableOf(profile: Bytes): Promise<ColourTable> {
  library ??= instantiate();
  const lcms = await library;
  const from = openProfile(lcms, profile);
  const to = lcms.cmsCreate_sRGBProfile();
  try {
    const space = lcms.cmsGetColorSpaceASCII(from);
    if (space !== 'RGB') throw unreadable(`a profile of ${space ?? 'unknown'} colours`);
    const transform = lcms.cmsCreateTransform(
      from,
      TYPE_RGB_16,
      to,
      TYPE_RGB_16,
      INTENT_RELATIVE_COLORIMETRIC,
      cmsFLAGS_BLACKPOINTCOMPENSATION,
    );
    if (!transform) throw unreadable('no transform to sRGB');
    const places = allPlaces();
    const seen = lcms.cmsDoTransform(transform, places, places.length / 3);
    const table = Uint8Array.from(seen, (v) => Math.round(v / 257));
    lcms.cmsDeleteTransform(transform);
    return table;
  } finally {
    lcms.cmsCloseProfile(to);
    lcms.cmsCloseProfile(from);
  }
}

/** The library's own wrapper puts the profile on its stack, for which scanners' are too long. */
function openProfile(lcms: Lcms, profile: Bytes): number {
  const copy = lcms._malloc(profile.length);
  lcms.HEAPU8.set(profile, copy);
  const opened = lcms._cmsOpenProfileFromMem(copy, profile.length);
  lcms._free(copy);
  if (!opened) throw unreadable(`${profile.length} bytes`);
  return opened;
}

function allPlaces(): Uint16Array {
  const places = new Uint16Array(3 * LUT_SIDE ** 3);
  const value = (step: number) => Math.round((65_535 * step) / (LUT_SIDE - 1));
  let at = 0;
  for (let b = 0; b < LUT_SIDE; b++) {
    for (let g = 0; g < LUT_SIDE; g++) {
      for (let r = 0; r < LUT_SIDE; r++) {
        places.set([value(r), value(g), value(b)], at);
        at += 3;
      }
    }
  }
  return places;
}

function unreadable(detail: string): CytolensError {
  return new CytolensError(
    'format',
    'The colour profile of this slide cannot be read, so its colours are shown as they are stored.',
    detail,
  );
}
