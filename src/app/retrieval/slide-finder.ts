/** Where slides that were open before can be had again, by the identity of their pixels. */
import { openSlideForView } from '../../slide/slide.client.ts';
import type { Slide, SlideSource } from '../../slide/slide.ts';
import type { Cases } from '../cases/cases.ts';
import { getState, useApp } from '../state.ts';
import { nameOf, sourceFromName } from '../url.ts';

const KEY = 'cytolens.addresses';
/** Addresses remembered, the last opened ones. */
const MOST = 500;

export class SlideFinder {
  /** Sources of this session, files included. */
  private readonly sources = new Map<string, SlideSource>();
  private readonly opened = new Map<string, Promise<Slide | null>>();
  private readonly stop: () => void;

  constructor(private readonly cases: Cases) {
    this.stop = useApp.subscribe((state, before) => {
      if (state.slide?.info.id !== before.slide?.info.id) this.remember();
    });
  }

  destroy(): void {
    this.stop();
    this.close();
  }

  /**
   * How to open a slide; null when its file must be chosen again. With `ask`, which needs a click,
   * the browser may ask to read a folder.
   */
  async sourceOf(id: string, ask: boolean): Promise<SlideSource | null> {
    const known = this.sources.get(id) ?? (await this.cases.sourceOf(id, ask));
    if (known) return known;
    const address = remembered().find(([key]) => key === id)?.[1];
    return address ? sourceFromName(address, document.baseURI) : null;
  }

  /** A slide to read pictures from, opened beside the one on screen; null when it cannot be had. */
  slide(id: string): Promise<Slide | null> {
    const opening =
      this.opened.get(id) ??
      this.sourceOf(id, false).then(
        (source) => source && openSlideForView(source).catch(() => null),
      );
    this.opened.set(id, opening);
    return opening;
  }

  /** Let go of the slides that were opened for pictures. */
  close(): void {
    for (const opening of this.opened.values()) void opening.then((slide) => slide?.close());
    this.opened.clear();
  }

  private remember(): void {
    const { slide } = getState();
    if (!slide) return;
    const { info, source } = slide;
    this.sources.set(info.id, source);
    const address = nameOf(source, document.baseURI);
    if (!address) return;
    const others = remembered().filter(([id]) => id !== info.id);
    const list = [[info.id, address], ...others].slice(0, MOST);
    try {
      localStorage.setItem(KEY, JSON.stringify(list));
    } catch {
      // Without storage the session alone remembers.
    }
  }
}

function remembered(): [id: string, address: string][] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(list) ? list.filter(isPair) : [];
  } catch {
    return [];
  }
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((v) => typeof v === 'string');
}
