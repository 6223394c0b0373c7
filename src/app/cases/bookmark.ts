/** A bookmark: a place on a slide, with a caption. */
import { z } from 'zod';

const number = z.number().finite();

/** As it lies in files; `view` is what is at least on screen, in level-0 px. */
export const bookmarkSchema = z.object({
  caption: z.string().trim().max(2000),
  view: z.object({ x: number, y: number, w: number.positive(), h: number.positive() }),
  /** Degrees clockwise by which the slide was turned on screen. */
  turn: number.optional(),
  /** Mirrored left to right. */
  flip: z.boolean().optional(),
  /** When it was made, ISO 8601. */
  made: z.iso.datetime(),
});

export type BookmarkFacts = z.infer<typeof bookmarkSchema>;

export interface Bookmark extends BookmarkFacts {
  id: string;
  /** Identity of the slide's pixels (`SlideInfo.id`). */
  slide: string;
}

/** A bookmark's own identity: the same place of the same slide, made at the same time, is one. */
export function bookmarkOf(slide: string, facts: BookmarkFacts): Bookmark {
  const { x, y, w, h } = facts.view;
  const place = [x, y, w, h].map(Math.round).join(',');
  return { ...facts, slide, id: `${slide} ${facts.made} ${place}` };
}
