/** The same cells at the same view, drawn by each: set up, draw one frame, be done. */
import { Deck, OrthographicView } from '@deck.gl/core';
import { ScatterplotLayer, SolidPolygonLayer } from '@deck.gl/layers';
import { WsiTileRenderer } from 'open-plant';
import { type CellTable, outline, RAYS } from '../../src/core/cells.ts';
import { Overlay } from '../../src/overlay/overlay.ts';
import type { OverlayStyle } from '../../src/overlay/style.ts';
import { MPP } from './cells.ts';

export const WIDTH = 1400;
export const HEIGHT = 900;
const TYPES = ['epithelial', 'inflammatory', 'spindle', 'miscellaneous'];
const COLOURS = [
  [0, 158, 115],
  [242, 220, 30],
  [86, 180, 233],
  [244, 244, 246],
] as const;
const OPACITY = 0.62;

export interface View {
  /** Level-0 px of the canvas's centre, and canvas px of a level-0 px. */
  x: number;
  y: number;
  scale: number;
}

export interface Contender {
  gl: WebGL2RenderingContext;
  /** Draw one frame now. */
  draw(view: View): void;
  /** What lies at the canvas's centre; null where the package has no such call. */
  pick: (() => unknown) | null;
}

export const CONTENDERS = {
  'nothing drawn': nothing,
  'cytolens cells': (table: CellTable) => cytolens(table, { mode: 'cells', leastCellPx: 0 }),
  'cytolens as shipped': (table: CellTable) => cytolens(table, { mode: 'cells' }),
  'deck.gl polygons': deckPolygons,
  'deck.gl discs': deckPoints,
  'open-plant points': openPlant,
} satisfies Record<string, (table: CellTable) => Promise<Contender> | Contender>;

export type ContenderName = keyof typeof CONTENDERS;

function newCanvas(): HTMLCanvasElement {
  return document.body.appendChild(document.createElement('canvas'));
}

function contextOf(canvas: HTMLCanvasElement): WebGL2RenderingContext {
  const gl = canvas.getContext('webgl2');
  if (!gl) throw new Error('no WebGL 2');
  return gl;
}

/** What a frame costs before anything is drawn. */
function nothing(): Contender {
  const canvas = newCanvas();
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const gl = contextOf(canvas);
  return {
    gl,
    draw() {
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
    },
    pick: null,
  };
}

function cytolens(table: CellTable, change: Partial<OverlayStyle>): Contender {
  const canvas = newCanvas();
  const overlay = new Overlay(canvas);
  overlay.setTypes(TYPES);
  overlay.setStyle({ mode: 'cells', value: 'type', opacity: OPACITY, threshold: 0, ...change });
  overlay.setTable(table, MPP);
  return {
    gl: contextOf(canvas),
    draw({ x, y, scale }) {
      const [e, f] = [WIDTH / 2 - x * scale, HEIGHT / 2 - y * scale];
      overlay.setView({
        a: scale,
        b: 0,
        c: 0,
        d: scale,
        e,
        f,
        width: WIDTH,
        height: HEIGHT,
        dpr: 1,
      });
    },
    pick: () => overlay.pick(WIDTH / 2, HEIGHT / 2),
  };
}

async function deckWith(layer: SolidPolygonLayer | ScatterplotLayer): Promise<Contender> {
  const canvas = newCanvas();
  const deck = await new Promise<Deck<OrthographicView>>((resolve, reject) => {
    const started: Deck<OrthographicView> = new Deck<OrthographicView>({
      canvas,
      width: WIDTH,
      height: HEIGHT,
      useDevicePixels: 1,
      views: new OrthographicView({ flipY: true }),
      viewState: { target: [0, 0, 0], zoom: 0 },
      layers: [layer],
      onLoad: () => resolve(started),
      onError: reject,
    });
  });
  return {
    gl: contextOf(canvas),
    draw({ x, y, scale }) {
      deck.setProps({ viewState: { target: [x, y, 0], zoom: Math.log2(scale) } });
      deck.redraw('frame');
    },
    pick: () => deck.pickObject({ x: WIDTH / 2, y: HEIGHT / 2 }),
  };
}

function colourOf(table: CellTable) {
  return (_: unknown, { index }: { index: number }) => COLOURS[table.type[index]] as never;
}

/** The layer that PolygonLayer fills with, given flat arrays and no checks: its fastest way in. */
function deckPolygons(table: CellTable): Promise<Contender> {
  const polygons = new Float32Array(table.count * RAYS * 2);
  const points = new Float64Array(2 * RAYS);
  for (let i = 0; i < table.count; i++) polygons.set(outline(table, i, points), i * RAYS * 2);
  const startIndices = Uint32Array.from({ length: table.count + 1 }, (_, i) => i * RAYS);
  return deckWith(
    new SolidPolygonLayer({
      id: 'cells',
      data: {
        length: table.count,
        startIndices,
        attributes: { getPolygon: { value: polygons, size: 2 } },
      } as never,
      _normalize: false,
      _windingOrder: 'CCW',
      positionFormat: 'XY',

      filled: true,
      pickable: true,
      opacity: OPACITY,
      getFillColor: colourOf(table),
    }),
  );
}

function deckPoints(table: CellTable): Promise<Contender> {
  const positions = new Float32Array(table.count * 2);
  const radii = new Float32Array(table.count);
  for (let i = 0; i < table.count; i++) {
    positions.set([table.x[i], table.y[i]], 2 * i);
    radii[i] = Math.sqrt(table.area[i] / Math.PI) / MPP;
  }
  return deckWith(
    new ScatterplotLayer({
      id: 'cells',
      data: {
        length: table.count,
        attributes: {
          getPosition: { value: positions, size: 2 },
          getRadius: { value: radii, size: 1 },
        },
      } as never,
      positionFormat: 'XY',
      radiusMinPixels: 1,
      pickable: true,
      opacity: OPACITY,
      getFillColor: colourOf(table),
    }),
  );
}

/** Points of one size, by type: it draws no outlines of cells. */
function openPlant(table: CellTable): Contender {
  const canvas = newCanvas();
  canvas.style.width = `${WIDTH}px`;
  const size = 2 ** 18;
  const renderer = new WsiTileRenderer(
    canvas,
    {
      id: 'empty',
      name: 'empty',
      width: size,
      height: size,
      mpp: MPP,
      tileSize: size,
      maxTierZoom: 0,
      tilePath: '',
      tileBaseUrl: '',
      tileUrlBuilder: () =>
        'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
    },
    { minZoom: 1e-4, maxZoom: 64, pointOpacity: OPACITY },
  );
  renderer.setPointPalette(Uint8Array.from(COLOURS.flatMap((rgb) => [...rgb, 255])));
  const positions = new Float32Array(table.count * 2);
  for (let i = 0; i < table.count; i++) positions.set([table.x[i], table.y[i]], 2 * i);
  renderer.setPointData({
    count: table.count,
    positions,
    paletteIndices: Uint16Array.from(table.type.subarray(0, table.count)),
    fillModes: new Uint8Array(table.count).fill(1),
  });
  return {
    gl: contextOf(canvas),
    draw({ x, y, scale }) {
      const offset = { offsetX: x - WIDTH / scale / 2, offsetY: y - HEIGHT / scale / 2 };
      // A cell is 8 um across on average; smaller than a pixel it is a pixel.
      const across = Math.max(1, (8 / MPP) * scale);
      renderer.setPointSizeByZoom({ [Math.log2(scale)]: across });
      renderer.setViewState({ zoom: scale, ...offset, rotationDeg: 0 });
      renderer.render();
    },
    pick: null,
  };
}
