/** The address bar: slide, view, head and provider, so that a link shows the same place. */
import type { Rect } from '../core/geometry.ts';
import { PROVIDERS, type Provider } from '../model/manifest.ts';
import type { Gate } from '../overlay/gate.ts';
import type { SlideSource } from '../slide/slide.ts';
import type { Pose } from '../viewer/pose.ts';
import { gateFromText, gateToText } from './gate-text.ts';

export interface UrlState {
  slide: string | null;
  /** The frame: what would be seen were the view not turned. */
  view: Rect | null;
  pose: Pose;
  /** um/px that the user entered for a slide without one. */
  mpp: number | null;
  provider: Provider | null;
  /** Id of the head, where it is not the first. */
  head: string | null;
  /** Filters on cells; null for none. */
  gate: Gate | null;
}

/** The slide that is shown when nothing else is asked for. */
export const BUILT_IN: SlideSource = { kind: 'synthetic', seed: 7, width: 60_000, height: 45_000 };

const MAX_SYNTHETIC = 200_000;

export function readUrl(search: string): UrlState {
  const query = new URLSearchParams(search);
  const number = (name: string) => {
    const text = query.get(name);
    const value = text === null || text === '' ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : null;
  };
  const [x, y, w, h] = ['x', 'y', 'w', 'h'].map(number);
  const whole = x !== null && y !== null && w !== null && h !== null && w > 0 && h > 0;
  const mpp = number('mpp');
  const provider = PROVIDERS.find((p) => p === query.get('provider')) ?? null;
  return {
    slide: query.get('slide'),
    view: whole ? { x, y, w, h } : null,
    pose: { turn: (((number('turn') ?? 0) % 360) + 360) % 360, flipped: query.has('flip') },
    mpp: mpp !== null && mpp > 0 ? mpp : null,
    provider,
    head: query.get('head'),
    gate: gateFromText(query.get('gate')),
  };
}

/** The query for a state; keys that say nothing are left out. */
export function writeUrl(state: UrlState): string {
  const query = new URLSearchParams();
  if (state.slide) query.set('slide', state.slide);
  if (state.view) {
    const { x, y, w, h } = state.view;
    for (const [key, value] of Object.entries({ x, y, w, h })) {
      query.set(key, String(Math.round(value)));
    }
  }
  const turn = Number(state.pose.turn.toFixed(2));
  if (turn % 360 !== 0) query.set('turn', String(turn));
  if (state.pose.flipped) query.set('flip', '1');
  if (state.mpp) query.set('mpp', String(state.mpp));
  if (state.provider) query.set('provider', state.provider);
  if (state.head) query.set('head', state.head);
  const gate = state.gate && gateToText(state.gate);
  if (gate) query.set('gate', gate);
  // These are legal in a query; a readable link is a checkable link.
  return `?${query.toString().replace(/%(2F|3A|3B|2C)/g, decodeURIComponent)}`;
}

/** How a source is written in the address; null for what no address can name. */
export function nameOf(source: SlideSource, page: string): string | null {
  if (source.kind === 'synthetic') {
    return `synthetic:${source.seed}:${source.width}x${source.height}`;
  }
  if (source.kind !== 'url') return null;
  const base = new URL('.', page).href;
  return source.url.startsWith(base) ? source.url.slice(base.length) : source.url;
}

/** The source that an address names; relative ones are under the page. Null when malformed. */
export function sourceFromName(name: string, page: string): SlideSource | null {
  if (name === 'synthetic') return BUILT_IN;
  const drawn = /^synthetic:(\d{1,9}):(\d{3,6})x(\d{3,6})$/.exec(name);
  if (drawn) {
    const [seed, width, height] = drawn.slice(1).map(Number);
    if (width > MAX_SYNTHETIC || height > MAX_SYNTHETIC) return null;
    return { kind: 'synthetic', seed, width, height };
  }
  try {
    const url = new URL(name, page);
    return /^https?:$/.test(url.protocol) ? { kind: 'url', url: url.href } : null;
  } catch {
    return null;
  }
}
