import { describe, expect, it } from 'vitest';
import { readSaved, writeSaved } from './saved.ts';

function storage(full = false) {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (full) throw new DOMException('full', 'QuotaExceededError');
      kept.set(key, value);
    },
    removeItem: (key: string) => void kept.delete(key),
  };
}
const row = {
  title: 'T cells',
  name: 'Pasted genes',
  description: '',
  source: 'pasted',
  genes: ['LCK'],
};

describe('saved prompts', () => {
  it('are those of a slide, and leave nothing behind when the last is forgotten', () => {
    const store = storage();
    expect(writeSaved('a', [row], store)).toBe(true);
    expect(readSaved('a', store)).toEqual([row]);
    expect(readSaved('b', store)).toEqual([]);
    writeSaved('a', [], store);
    expect(store.kept.size).toBe(0);
  });

  it('are none where what is kept cannot be read, and say when nothing can be kept', () => {
    const store = storage();
    store.kept.set('cytolens-prompts:a', '[{"title":3}]');
    expect(readSaved('a', store)).toEqual([]);
    expect(writeSaved('a', [row], storage(true))).toBe(false);
  });
});
