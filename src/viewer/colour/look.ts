/** How the pixels are shown; what is analysed never depends on it. */
import {
  RUIFROK_HDAB,
  RUIFROK_HE,
  type StainVectors,
  unmixing,
  type Vector,
} from '../../slide/stain.ts';

/** Places along each of red, green and blue; the GPU interpolates between them. */
export const LUT_SIDE = 33;

/** sRGB bytes of LUT_SIDE^3 places, red fastest, then green, then blue. */
export type ColourTable = Uint8Array<ArrayBuffer>;

/** What is seen: all of it, or the part of one stain. */
export const STAIN_VIEWS = ['all', 'haematoxylin', 'other', 'residual'] as const;
export type StainView = (typeof STAIN_VIEWS)[number];

/** Whose vectors take the stains apart: published ones, or those of this very slide. */
export type StainSet = 'he' | 'hdab' | 'slide';

export interface Look {
  /** Apply the scanner's colour profile, where the slide brings one. */
  icc: boolean;
  /** Added to every channel, as a share of white: -0.5 to 0.5. */
  brightness: number;
  /** About the middle grey: 0.25 to 4, 1 changes nothing. */
  contrast: number;
  /** 0.25 to 4, 1 changes nothing; above, the middle tones get lighter. */
  gamma: number;
  stain: StainView;
  stains: StainSet;
}

export const PLAIN: Look = {
  icc: true,
  brightness: 0,
  contrast: 1,
  gamma: 1,
  stain: 'all',
  stains: 'he',
};

/** A look with what it needs of the slide: what the GPU is told. */
export interface Development {
  table: ColourTable | null;
  brightness: number;
  contrast: number;
  gamma: number;
  /**
   * The part of one stain: the row of the unmixing matrix that tells its amount from a density, and
   * the densities with which it is drawn.
   */
  part: { row: Vector; tint: Vector } | null;
}

/** What is known of a slide's colours. */
export interface SlideColours {
  /** Of its profile; null when it brings none, or one that cannot be read. */
  table: ColourTable | null;
  /** Of its own pixels; null before they were asked for, or where they do not tell. */
  stains: StainVectors | null;
}

/** Null when the pixels are shown as they are stored. */
export function developmentOf(look: Look, { table, stains }: SlideColours): Development | null {
  const { icc, brightness, contrast, gamma, stain } = look;
  const vectors = vectorsOf(look, stains);
  const part = stain === 'all' || !vectors ? null : partOf(stain, vectors);
  // Stains are taken apart as the scanner saw them; a part has no colours that a profile knows.
  const used = icc && !part ? table : null;
  const plain = !used && !part && brightness === 0 && contrast === 1 && gamma === 1;
  return plain ? null : { table: used, brightness, contrast, gamma, part };
}

/** What a look does, in words for a caption; empty when the pixels are as they are stored. */
export function lookText(look: Look, colours: SlideColours): string {
  const done = developmentOf(look, colours);
  if (!done) return '';
  const said: string[] = [];
  if (done.table) said.push('colour profile applied');
  if (done.part) said.push(`${partName(look)} alone, ${SET_NAMES[look.stains]}`);
  if (done.brightness !== 0) said.push(`brightness ${percent(done.brightness)}`);
  if (done.contrast !== 1) said.push(`contrast ${done.contrast.toFixed(2)}`);
  if (done.gamma !== 1) said.push(`gamma ${done.gamma.toFixed(2)}`);
  return said.join(', ');
}

export const SET_NAMES: Record<StainSet, string> = {
  he: 'H&E vectors of Ruifrok and Johnston',
  hdab: 'H and DAB vectors of Ruifrok and Johnston',
  slide: 'vectors of this slide (Macenko)',
};

/** What a stain view shows, by its stains. */
export function partName({ stain, stains }: Pick<Look, 'stain' | 'stains'>): string {
  if (stain === 'other') return { he: 'eosin', hdab: 'DAB', slide: 'second stain' }[stains];
  return stain;
}

export function percent(share: number): string {
  const text = `${Math.abs(Math.round(100 * share))} %`;
  return share < 0 ? `\u2212${text}` : share > 0 ? `+${text}` : text;
}

function vectorsOf({ stains }: Look, own: StainVectors | null): StainVectors | null {
  return { he: RUIFROK_HE, hdab: RUIFROK_HDAB, slide: own }[stains];
}

const GREY: Vector = [1, 1, 1];

function partOf(stain: Exclude<StainView, 'all'>, vectors: StainVectors): Development['part'] {
  const [haematoxylin, other, residual] = unmixing(vectors);
  switch (stain) {
    case 'haematoxylin':
      return { row: haematoxylin, tint: vectors.haematoxylin };
    case 'other':
      return { row: other, tint: vectors.other };
    case 'residual':
      // It has no colour of its own: part of its vector is negative.
      return { row: residual, tint: GREY };
  }
}
