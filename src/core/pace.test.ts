import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

describe('resolution while moving', () => {
  it('stays full where frames are quick', () => {
    const pace = new Pace();
    for (let t = 0; t < 2000; t += 17) expect(pace.moved(t)).toBe(1);
  });

  it('falls where frames are slow, stays low until the view rests, and is full again after', () => {
    const pace = new Pace();
    const shares = [0, 60, 120, 180, 240, 257, 274].map((t) => pace.moved(t));
    expect(shares).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.5]);
    expect(pace.moved(1000)).toBe(1);
  });

  it('does not take a pause for a slow frame', () => {
    const pace = new Pace();
    for (const t of [0, 400, 800, 1200, 1600]) expect(pace.moved(t)).toBe(1);
  });
});
