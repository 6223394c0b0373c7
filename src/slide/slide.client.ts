/** How the page opens a slide to look at. */
import { type OpenOptions, openSlide } from './formats.ts';
import type { Slide, SlideSource } from './slide.ts';
import { openSyntheticForView } from './synthetic/synthetic.client.ts';

/**
 * As `openSlide`, except that a synthetic slide draws its tiles in workers: drawing on the page's
 * own thread would make it stutter.
 */
export async function openSlideForView(
  source: SlideSource,
  options: OpenOptions = {},
): Promise<Slide> {
  return source.kind === 'synthetic' ? openSyntheticForView(source) : openSlide(source, options);
}
