import type OpenSeadragon from 'openseadragon';
import { describe, expect, it, vi } from 'vitest';
import { MissingTiles } from './missing.ts';

const level = (downsample: number) => ({
  width: 1024 / downsample,
  height: 1024 / downsample,
  downsample,
  tileWidth: 256,
  tileHeight: 256,
});
const LEVELS = [level(1), level(2), level(4)];
const tile = () => ({ exists: false }) as OpenSeadragon.Tile;

/** Draws at `scale` CSS px per level-0 px; gives how many squares were framed. */
function marks(missing: MissingTiles, scale: number): number {
  const strokeRect = vi.fn();
  const nothing = () => undefined;
  const context = new Proxy({ strokeRect } as unknown as CanvasRenderingContext2D, {
    get: (target, name) => (name === 'strokeRect' ? target.strokeRect : nothing),
    set: () => true,
  });
  missing.draw(context, { a: scale, b: 0, c: 0, d: scale, e: 0, f: 0, width: 800, height: 600 }, 1);
  return strokeRect.mock.calls.length;
}

describe('missing tiles', () => {
  it('count once, though view and map both miss them, and may be had again', () => {
    const missing = new MissingTiles(LEVELS);
    const [one, other] = [tile(), tile()];
    missing.add({ level: 1, col: 0, row: 1 }, one);
    missing.add({ level: 1, col: 0, row: 1 }, other);
    expect(missing.count).toBe(1);
    missing.retry();
    expect(missing.count).toBe(0);
    expect(one.exists && other.exists).toBe(true);
  });

  it('are marked on the level that is looked at alone', () => {
    const missing = new MissingTiles(LEVELS);
    missing.add({ level: 0, col: 1, row: 1 }, tile());
    missing.add({ level: 0, col: 2, row: 1 }, tile());
    missing.add({ level: 2, col: 0, row: 0 }, tile());
    expect(marks(missing, 1)).toBe(2);
    expect(marks(missing, 0.25)).toBe(0);
    expect(marks(missing, 0.01)).toBe(1);
  });
});
