import { describe, expect, test } from 'vitest';
import { boundsOf } from '../../annotation/geometry.ts';
import { SHORTCUTS } from '../shortcuts.ts';
import { Drawing, type Made } from './drawing.ts';
import { type DrawTool, TOOLS } from './tools.ts';

/** A tool on a screen of one level-0 px a px, and what it made. */
function hand(tool: DrawTool) {
  const made: Made[] = [];
  const drawing = new Drawing(tool, (each) => made.push(each));
  const click = (x: number, y: number) => {
    drawing.press({ x, y }, 1);
    drawing.release({ x, y }, 1);
  };
  const drag = (...points: [number, number][]) => {
    const [first, ...rest] = points.map(([x, y]) => ({ x, y }));
    drawing.press(first, 1);
    for (const at of rest) drawing.drag(at, 1);
    drawing.release(rest[rest.length - 1] ?? first, 1);
  };
  const shapes = () => made.flatMap((each) => (each.kind === 'shape' ? [each.geometry] : []));
  return { drawing, made, shapes, click, drag };
}

describe('tools', () => {
  test('a length is dragged from end to end, or both ends are clicked', () => {
    const { shapes, click, drag } = hand('line');
    drag([0, 0], [30, 0], [60, 0]);
    click(5, 5);
    click(50, 5);
    expect(shapes()).toEqual([
      { kind: 'line', points: [0, 0, 60, 0] },
      { kind: 'line', points: [5, 5, 50, 5] },
    ]);
  });

  test('a box is drawn from any corner; one without extent is none', () => {
    const { shapes, drag, click } = hand('rectangle');
    drag([50, 60], [10, 20]);
    expect(shapes()).toEqual([{ kind: 'rectangle', x: 10, y: 20, w: 40, h: 40 }]);
    click(5, 5);
    click(5, 5);
    expect(shapes()).toHaveLength(1);
  });

  test('an angle is three clicks, and a measurement', () => {
    const { made, click } = hand('angle');
    click(0, 10);
    click(0, 0);
    expect(made).toHaveLength(0);
    click(10, 0);
    expect(made).toEqual([
      {
        kind: 'shape',
        geometry: { kind: 'angle', points: [0, 10, 0, 0, 10, 0] },
        measurement: true,
      },
    ]);
  });

  test('a polygon ends at its first corner or by Enter, and not with two corners', () => {
    const { drawing, shapes, click } = hand('polygon');
    for (const [x, y] of [
      [0, 0],
      [50, 0],
      [50, 50],
      [2, 1],
    ])
      click(x, y);
    expect(shapes()).toEqual([{ kind: 'polygons', polygons: [[[0, 0, 50, 0, 50, 50]]] }]);
    click(0, 0);
    click(50, 0);
    drawing.enter(null, 1);
    expect(shapes()).toHaveLength(1);
    click(50, 80);
    drawing.enter(null, 1);
    expect(shapes()).toHaveLength(2);
    expect(drawing.begun).toBe(false);
  });

  test('a count goes on until it is ended; the last point can be taken back', () => {
    const { drawing, made, click } = hand('count');
    for (const x of [0, 10, 20]) click(x, 0);
    drawing.back();
    drawing.enter(null, 1);
    expect(made).toEqual([
      { kind: 'shape', geometry: { kind: 'points', points: [0, 0, 10, 0] }, measurement: true },
    ]);
  });

  test('freehand leaves out what a screen cannot show, and a scribble of two points', () => {
    const { shapes, drag } = hand('freehand');
    const circle = Array.from({ length: 400 }, (_, i): [number, number] => {
      const turn = (2 * Math.PI * i) / 400;
      return [200 + 150 * Math.cos(turn), 200 + 150 * Math.sin(turn)];
    });
    drag(...circle);
    const [shape] = shapes();
    if (shape.kind !== 'polygons') throw new Error(shape.kind);
    const corners = shape.polygons[0][0].length / 2;
    expect(corners).toBeGreaterThan(10);
    expect(corners).toBeLessThan(80);
    expect(boundsOf(shape).w).toBeGreaterThan(298);
    drag([0, 0], [10, 0]);
    expect(shapes()).toHaveLength(1);
  });

  test('a brush gives its way, and whether it erases', () => {
    const { drawing, made, drag } = hand('brush');
    drag([0, 0], [10, 0], [20, 0]);
    drawing.press({ x: 5, y: 5 }, 1, true);
    drawing.release({ x: 5, y: 5 }, 1);
    expect(made).toEqual([
      { kind: 'stroke', points: [0, 0, 10, 0, 20, 0], erase: false },
      { kind: 'stroke', points: [5, 5], erase: true },
    ]);
  });

  test('by keys: the same place once more ends the shape; Esc leaves nothing behind', () => {
    const { drawing, shapes } = hand('polygon');
    for (const at of [
      { x: 0, y: 0 },
      { x: 50, y: 0 },
      { x: 50, y: 50 },
      { x: 50, y: 50 },
    ]) {
      drawing.enter(at, 1);
    }
    expect(shapes()).toHaveLength(1);
    drawing.enter({ x: 0, y: 0 }, 1);
    expect(drawing.draft).not.toBeNull();
    drawing.cancel();
    expect([drawing.begun, drawing.draft]).toEqual([false, null]);
  });
});

test('no tool has a key of the page or of another tool', () => {
  const taken = SHORTCUTS.flatMap(({ keys }) => keys);
  const own = TOOLS.map(({ key }) => key);
  expect(own.filter((key) => taken.includes(key))).toEqual([]);
  expect(new Set(own).size).toBe(own.length);
});
