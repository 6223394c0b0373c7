/** Names as people read them. */
import { keyOfSource, originOf } from './cases/case.ts';
import { type AppState, getState, type OpenedSlide } from './state.ts';

/** 'inflammatory' -> 'Inflammatory'. */
export function typeName(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1);
}

export function providerName(provider: string): string {
  return provider === 'webgpu' ? 'WebGPU' : 'WASM';
}

type Listed = Pick<AppState, 'namesMasked' | 'cases' | 'caseSlides' | 'local'>;

/**
 * What a slide may be called, on screen and in files: its own name, or while names are masked its
 * number in the list that it is from. A slide of no list is only "Slide".
 */
export function shownName(
  { info, source }: Pick<OpenedSlide, 'source'> & { info: { name: string } },
  { namesMasked, cases, caseSlides, local }: Listed = getState(),
): string {
  if (!namesMasked) return info.name;
  const key = keyOfSource(source);
  const row = originOf(source) ?? caseSlides.find((slide) => slide.key === key);
  const of = row && cases.find(({ name }) => name === row.case);
  if (row && of) return `${maskedCase(of.number)}, slide ${row.order + 1}`;
  const atHand = local.findIndex((choice) => keyOfSource(choice.source) === key);
  return key !== null && atHand >= 0 ? maskedSlide(atHand) : 'Slide';
}

/** The name of the open slide as it may be shown; empty without one. */
export function openName(): string {
  const { slide } = getState();
  return slide ? shownName(slide) : '';
}

/** A slide by its place in a list, from 0. */
export function maskedSlide(at: number): string {
  return `Slide ${at + 1}`;
}

export function maskedCase(number: number): string {
  return `Case ${number}`;
}
