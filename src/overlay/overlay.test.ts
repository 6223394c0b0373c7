import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { appendCells } from '../core/cells.ts';
import { Overlay } from './overlay.ts';
import type { OverlayStyle, OverlayView } from './style.ts';
import { cellTable, scatter } from './testing/cells.ts';
import { type CountedGl, countedGl } from './testing/gl.ts';

const STYLE: OverlayStyle = { mode: 'cells', value: 'attention', opacity: 0.6, threshold: 0 };
const VIEW: OverlayView = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0, width: 800, height: 600, dpr: 1 };
const BYTES_PER_CELL = 56;

let gl: CountedGl;
let overlay: Overlay;

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', () => 1);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  vi.stubGlobal('window', { setTimeout, clearTimeout });
  gl = countedGl();
  overlay = new Overlay(gl.canvas);
  overlay.setTypes(['a', 'b', 'c', 'd']);
});

afterEach(() => {
  overlay.destroy();
  vi.unstubAllGlobals();
});

describe('what is sent to the graphics card', () => {
  const table = scatter(5000, 800);

  test('a table is sent once; no style, gate, weight or view sends a cell again', () => {
    overlay.setStyle(STYLE);
    overlay.setTable(table, 0.25);
    expect(gl.sent()).toBeGreaterThanOrEqual(BYTES_PER_CELL * table.count);
    overlay.setView(VIEW);
    gl.reset();
    const changes: Partial<OverlayStyle>[] = [
      { threshold: 0.7 },
      { opacity: 0.2 },
      { sequential: 'batlow' },
      { attentionScale: 'rank' },
      { value: 'contribution' },
      { gate: { area: [20, 60], types: [1, 2], rank: [0.2, 0.9] } },
      { domain: [0, 3] },
    ];
    for (const change of changes) {
      overlay.setStyle({ ...STYLE, ...change });
      overlay.setView({ ...VIEW, e: VIEW.e + 1 });
      overlay.hover(3);
    }
    expect(gl.calls.get('drawArrays')).toBeGreaterThan(changes.length - 1);
    for (const name of ['bufferData', 'bufferSubData', 'texSubImage2D']) {
      expect(gl.calls.get(name)).toBeUndefined();
    }
    // A colour map is 256 colours; two were new.
    expect(gl.sent()).toBe(2 * 256 * 3);
  });

  test('new weights of fields send a few bytes a field, and no cell', () => {
    overlay.setStyle({ ...STYLE, level: 'slide' });
    overlay.setTable(table, 0.25);
    overlay.setView(VIEW);
    for (let run = 1; run < 4; run++) {
      gl.reset();
      overlay.setFieldWeights(new Float32Array(9).fill(run / 10));
      overlay.setView(VIEW);
      expect(gl.calls.get('bufferSubData')).toBeUndefined();
      // One line of weights, and the ranks, which change with them.
      expect(gl.sent()).toBe(1024 * 8 + 4096 * 4);
    }
  });

  test('appended rows and changed values send themselves alone', () => {
    const growing = scatter(3000, 800);
    overlay.setStyle(STYLE);
    overlay.setTable(growing, 0.25);
    overlay.setView(VIEW);
    const first = appendCells(growing, scatter(100, 800, 5));
    gl.reset();
    overlay.appended(first);
    expect(gl.sent()).toBe(BYTES_PER_CELL * 100);
    gl.reset();
    overlay.valuesChanged(10, 15);
    expect(gl.sent()).toBe(24 * 5);
  });
});

describe('what is drawn', () => {
  test('outlines are points, discs where they are small, the grid where they are tiny', () => {
    const modes: string[] = [];
    overlay = new Overlay(gl.canvas, { onModeShown: (shown) => modes.push(shown) });
    overlay.setStyle(STYLE);
    // Mean diameter some 20 px.
    overlay.setTable(scatter(500, 800), 0.25);
    const drawAt = (a: number) => {
      gl.reset();
      overlay.setView({ ...VIEW, a, d: a });
      return gl.uniforms.get('u_radiusUnit')?.[0];
    };
    expect(drawAt(1)).toBe(0.5);
    // A disc half a pixel off would be seen at 4 px, hardly at 3. Discs are sized in um: 4 level-0 px each.
    expect(drawAt(0.2)).toBe(0.5);
    expect(drawAt(0.14)).toBe(4);
    drawAt(0.05);
    expect(modes).toEqual(['cells', 'grid']);
  });

  test('outlines larger than the largest point of the card are drawn as quads', () => {
    gl = countedGl(64);
    overlay = new Overlay(gl.canvas);
    overlay.setStyle(STYLE);
    overlay.setTable(scatter(500, 800), 0.25);
    overlay.setView(VIEW);
    expect(gl.calls.get('drawArraysInstanced')).toBeUndefined();
    overlay.setView({ ...VIEW, a: 8, d: 8 });
    expect(gl.calls.get('drawArraysInstanced')).toBeGreaterThan(0);
  });

  test('the gate that is drawn is the gate that picks', () => {
    overlay.setTable(
      cellTable([
        { x: 50, y: 50, radii: 20, area: 30 },
        { x: 50, y: 50, radii: 60, area: 300 },
      ]),
      0.25,
    );
    overlay.setView(VIEW);
    overlay.setStyle(STYLE);
    expect(overlay.pick(50, 50)).toBe(0);
    overlay.setStyle({ ...STYLE, gate: { area: [100, Infinity] } });
    expect(overlay.pick(50, 50)).toBe(1);
    overlay.setView(VIEW);
    expect(gl.uniforms.get('u_areas')).toEqual([400, 4095]);
    expect(overlay.histograms().passing).toBe(1);
  });
});
