import { beforeEach, describe, expect, it } from 'vitest';
import { readLandmarks, writeLandmarks } from './landmarks.ts';

const PAIRS = [
  { main: { x: 1, y: 2 }, other: { x: 10, y: 20 } },
  { main: { x: 3, y: 4 }, other: { x: 30, y: 40 } },
];

class MemoryStorage implements Storage {
  private readonly map = new Map<string, string>();
  get length() {
    return this.map.size;
  }
  clear = () => this.map.clear();
  getItem = (key: string) => this.map.get(key) ?? null;
  key = () => null;
  removeItem = (key: string) => void this.map.delete(key);
  setItem = (key: string, value: string) => void this.map.set(key, value);
}

describe('landmarks that are kept', () => {
  let store: MemoryStorage;
  beforeEach(() => {
    store = new MemoryStorage();
  });

  it('come back for the same two slides, the other way round too', () => {
    writeLandmarks('he', 'ihc', PAIRS, store);
    expect(readLandmarks('he', 'ihc', store)).toEqual(PAIRS);
    expect(readLandmarks('ihc', 'he', store)[0]).toEqual({
      main: { x: 10, y: 20 },
      other: { x: 1, y: 2 },
    });
    expect(readLandmarks('he', 'other', store)).toEqual([]);
  });

  it('are replaced, whichever slide was the main one, and forgotten', () => {
    writeLandmarks('he', 'ihc', PAIRS, store);
    writeLandmarks('ihc', 'he', PAIRS.slice(0, 1), store);
    expect(readLandmarks('he', 'ihc', store)).toHaveLength(1);
    writeLandmarks('he', 'ihc', [], store);
    expect(readLandmarks('ihc', 'he', store)).toEqual([]);
  });

  it('that cannot be read or written are none', () => {
    store.setItem('cytolens.landmarks', '{"he | ihc": 3');
    expect(readLandmarks('he', 'ihc', store)).toEqual([]);
    store.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    expect(() => writeLandmarks('he', 'ihc', PAIRS, store)).not.toThrow();
  });
});
