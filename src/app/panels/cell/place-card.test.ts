import fc from 'fast-check';
import { expect, test } from 'vitest';
import { intersect } from '../../../core/geometry.ts';
import { placeCard } from './place-card.ts';

const VIEW = { width: 1028, height: 534 };
const CARD = { width: 316, height: 473 };
const TOOLS = { x: 16, y: 16, w: 688, h: 42 };
const MAP = { x: 842, y: 16, w: 170, h: 130 };
const SCALE = { x: 16, y: 468, w: 346, h: 50 };
const LEGEND = { x: 740, y: 318, w: 272, h: 200 };

test('a card stands right of its cell, in its middle, where nothing is in the way', () => {
  const { left, top } = placeCard({ x: 100, y: 450 }, CARD, { width: 1400, height: 900 }, []);
  expect(left).toBe(124);
  expect(top).toBe(450 - CARD.height / 2);
});

test('a card that finds no height on the right stands on the left', () => {
  const { left } = placeCard({ x: 700, y: 300 }, CARD, VIEW, [TOOLS, MAP, SCALE, LEGEND]);
  expect(left + CARD.width).toBeLessThan(700);
});

test('a card covers no box at the edges and stays in the view, wherever its cell is', () => {
  const boxes = [TOOLS, MAP, SCALE, LEGEND];
  fc.assert(
    fc.property(
      fc.integer({ min: -500, max: 1600 }),
      fc.integer({ min: -500, max: 1200 }),
      (x, y) => {
        const { left, top, maxHeight } = placeCard({ x, y }, CARD, VIEW, boxes);
        const h = Math.min(CARD.height, maxHeight);
        const card = { x: left, y: top, w: CARD.width, h };
        expect(boxes.filter((box) => intersect(box, card))).toEqual([]);
        expect(left).toBeGreaterThanOrEqual(16);
        expect(left + CARD.width).toBeLessThanOrEqual(VIEW.width - 16);
        expect(maxHeight).toBeGreaterThan(100);
      },
    ),
  );
});
