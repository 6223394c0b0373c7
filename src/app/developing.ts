/** How the open slide's pixels are shown. Models read the pixels as they are stored, always. */
import { toCytolensError } from '../core/errors.ts';
import type { Slide } from '../slide/slide.ts';
import { stainsFor, tableFor } from '../viewer/colour/colour.client.ts';
import {
  type Development,
  developmentOf,
  type Look,
  lookText,
  PLAIN,
  type SlideColours,
} from '../viewer/colour/look.ts';
import type { SlideViewer } from '../viewer/viewer.ts';
import { getState, report, setState } from './state.ts';

const UNKNOWN: SlideColours = { table: null, stains: null };

export class Developing {
  private slide: Slide | null = null;
  private colours = UNKNOWN;

  constructor(private readonly viewer: SlideViewer) {}

  /** Another slide is shown: as it is stored, or through its profile where the user wants that. */
  opened(slide: Slide): void {
    this.slide = slide;
    this.colours = UNKNOWN;
    const { icc } = getState().shownAs;
    setState({ shownAs: { ...PLAIN, icc }, hasProfile: false, tellingStains: false });
    this.apply();
    tableFor(slide).then(
      (table) => this.learn(slide, { table }),
      (error) => this.failed(slide, error),
    );
  }

  /** Change the look; the slide's own stains are told from its pixels when first wanted. */
  set(change: Partial<Look>): void {
    const shownAs = { ...getState().shownAs, ...change };
    setState({ shownAs });
    this.apply();
    const { slide } = this;
    if (!slide || shownAs.stains !== 'slide' || this.colours.stains) return;
    setState({ tellingStains: true });
    stainsFor(slide).then(
      (stains) => this.learn(slide, { stains }),
      (error) => {
        this.failed(slide, error);
        if (this.slide === slide) this.set({ stains: 'he' });
      },
    );
  }

  /** As stored; the colour profile stays as the user has set it. */
  reset(): void {
    this.set({ ...PLAIN, icc: getState().shownAs.icc });
  }

  /** What is done to the pixels now; null for nothing. */
  development(): Development | null {
    return developmentOf(getState().shownAs, this.colours);
  }

  private learn(slide: Slide, learnt: Partial<SlideColours>): void {
    // Another slide may have been opened meanwhile.
    if (this.slide !== slide) return;
    this.colours = { ...this.colours, ...learnt };
    setState({ hasProfile: this.colours.table !== null, tellingStains: false });
    this.apply();
  }

  private failed(slide: Slide, error: unknown): void {
    if (this.slide !== slide) return;
    setState({ tellingStains: false });
    report(toCytolensError(error));
  }

  private apply(): void {
    this.viewer.setDevelopment(this.development());
    setState({ shownAsText: lookText(getState().shownAs, this.colours) });
  }
}
