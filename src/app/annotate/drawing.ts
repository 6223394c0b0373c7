/**
 * A shape in the making, from presses, drags and keys. Knows no screen: places are level-0 px, and
 * `px` is how many of those a screen px is.
 */
import { simplify } from '../../annotation/brush.ts';
import { boxOf, type Coordinates, type Geometry } from '../../annotation/geometry.ts';
import type { Point } from '../../core/geometry.ts';
import type { DrawTool } from './tools.ts';

/** Two places closer than this on screen are one; a press that moved less is a click. Screen px. */
const SAME_PX = 5;
/** Points of a freehand line nearer than this to it are left out, screen px. */
const FREEHAND_PX = 0.5;

/** What a finished gesture gives. */
export type Made =
  | { kind: 'shape'; geometry: Geometry; measurement: boolean }
  | { kind: 'stroke'; points: Coordinates; erase: boolean };

export class Drawing {
  private points: number[] = [];
  /** Where the pointer is: the end of the line that is not yet set. */
  private loose: Point | null = null;
  private pressed: Point | null = null;
  private erasing = false;

  constructor(
    readonly tool: DrawTool,
    private readonly onMade: (made: Made) => void,
  ) {}

  /** Whether something was begun. */
  get begun(): boolean {
    return this.points.length > 0;
  }

  /** The way of the brush so far, and whether it erases. */
  get stroke(): { points: Coordinates; erase: boolean } | null {
    if (this.tool !== 'brush' || this.points.length === 0) return null;
    return { points: this.points, erase: this.erasing };
  }

  /** The shape as it would be if the loose end were set; null before anything is begun. */
  get draft(): Geometry | null {
    const { points, loose, tool } = this;
    if (points.length === 0 || tool === 'brush') return null;
    if (tool === 'count' || tool === 'point') return { kind: 'points', points };
    const all = loose && tool !== 'freehand' ? [...points, loose.x, loose.y] : points;
    if (tool === 'rectangle' || tool === 'ellipse') return boxed(tool, all);
    if (tool === 'angle' && all.length === 6) return { kind: 'angle', points: all };
    return { kind: 'line', points: all };
  }

  press(at: Point, px: number, erase = false): void {
    this.pressed = at;
    const { tool, points } = this;
    if (tool === 'brush' || tool === 'freehand') {
      this.erasing = erase;
      this.points = [at.x, at.y];
      return;
    }
    if (tool === 'polygon' && points.length >= 6 && this.isEnd(at, px)) {
      this.finish();
      return;
    }
    this.set(at);
  }

  drag(at: Point, px: number): void {
    const { tool, points, pressed } = this;
    if (!pressed) {
      this.loose = points.length > 0 ? at : null;
      return;
    }
    if (tool === 'brush' || tool === 'freehand') {
      const [x, y] = points.slice(-2);
      if (Math.hypot(at.x - x, at.y - y) >= px) points.push(at.x, at.y);
    } else this.loose = at;
  }

  release(at: Point, px: number): void {
    const { tool, pressed } = this;
    this.pressed = null;
    if (!pressed || this.points.length === 0) return;
    if (tool === 'brush' || tool === 'freehand') {
      if (tool === 'freehand') this.points = simplify(this.points, FREEHAND_PX * px);
      this.finish();
      return;
    }
    const dragged = Math.hypot(at.x - pressed.x, at.y - pressed.y) > SAME_PX * px;
    if (dragged && ['line', 'angle', 'rectangle', 'ellipse'].includes(tool)) this.set(at);
  }

  /** Set a point without a pointer; the same place once more ends the shape. */
  enter(at: Point | null, px: number): void {
    if (!at) {
      this.finish();
      return;
    }
    if (this.tool === 'brush') {
      this.points = [at.x, at.y];
      this.finish();
      return;
    }
    const [x, y] = this.points.slice(-2);
    if (this.begun && Math.hypot(at.x - x, at.y - y) < px) this.finish();
    else this.set(at);
  }

  /** Take the last point back. */
  back(): void {
    this.points = this.points.slice(0, -2);
    if (!this.begun) this.loose = null;
  }

  cancel(): void {
    this.points = [];
    this.loose = null;
    this.pressed = null;
  }

  /** End the shape with the points that are set; with too few of them nothing happens. */
  finish(): void {
    const { tool, points, erasing: erase } = this;
    if (tool === 'brush') {
      this.made({ kind: 'stroke', points, erase });
      return;
    }
    const geometry = this.whole();
    if (geometry) this.made({ kind: 'shape', geometry, measurement: MEASURING.has(tool) });
    // A scribble that encloses nothing leaves nothing behind.
    else if (tool === 'freehand') this.cancel();
  }

  private made(made: Made): void {
    this.cancel();
    this.onMade(made);
  }

  private set(at: Point): void {
    this.points = [...this.points, at.x, at.y];
    this.loose = null;
    const { tool, points } = this;
    const full = FULL[tool];
    if (full && points.length >= 2 * full) this.finish();
  }

  private whole(): Geometry | null {
    const { tool, points } = this;
    const corners = points.length / 2;
    switch (tool) {
      case 'point':
      case 'count':
        return corners > 0 ? { kind: 'points', points } : null;
      case 'line':
        return corners > 1 ? { kind: 'line', points } : null;
      case 'angle':
        return corners === 3 ? { kind: 'angle', points } : null;
      case 'rectangle':
      case 'ellipse':
        return boxed(tool, points);
      default:
        return corners > 2 ? { kind: 'polygons', polygons: [[points]] } : null;
    }
  }

  /** At the first or the last corner set. */
  private isEnd(at: Point, px: number): boolean {
    const ends = [this.points.slice(0, 2), this.points.slice(-2)];
    return ends.some(([x, y]) => Math.hypot(at.x - x, at.y - y) <= SAME_PX * px);
  }
}

/** Points after which a shape is whole; others are ended by hand. */
const FULL: Partial<Record<DrawTool, number>> = {
  point: 1,
  line: 2,
  angle: 3,
  rectangle: 2,
  ellipse: 2,
};

const MEASURING = new Set<DrawTool>(['count', 'line', 'angle']);

function boxed(kind: 'rectangle' | 'ellipse', points: Coordinates): Geometry | null {
  if (points.length < 4) return null;
  const box = boxOf({ x: points[0], y: points[1] }, { x: points[2], y: points[3] });
  return box.w > 0 && box.h > 0 ? { kind, ...box } : null;
}
