import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpenedSlide, setState } from '../state.ts';
import { HeldKeys } from './held-keys.ts';

const slide = (name: string) => ({ info: { name } }) as OpenedSlide;

let held: HeldKeys;
let done: string[];
const press = (key: string) => held.run(() => done.push(key));

beforeEach(() => {
  setState({ slide: null, opening: null });
  held = new HeldKeys();
  done = [];
});
afterEach(() => held.destroy());

describe('keys while a slide is being opened', () => {
  it('wait for the first slide, and are done in their order', () => {
    press('5');
    setState({ opening: 'A' });
    press('a');
    setState({ slide: slide('A') });
    // It is not laid out yet.
    expect(done).toEqual([]);
    setState({ opening: null });
    expect(done).toEqual(['5', 'a']);
    press('d');
    expect(done).toEqual(['5', 'a', 'd']);
  });

  it('are never done on the former slide, nor when the new one cannot be opened', () => {
    setState({ slide: slide('A') });
    setState({ opening: 'B' });
    press('a');
    setState({ opening: null });
    expect(done).toEqual([]);
    setState({ opening: 'C' });
    setState({ slide: slide('C'), opening: null });
    expect(done).toEqual([]);
  });

  it('go to the slide that is opened in the end, the former one again included', () => {
    const a = slide('A');
    setState({ slide: a });
    setState({ opening: 'B' });
    press('a');
    setState({ opening: 'A' });
    setState({ slide: { ...a }, opening: null });
    expect(done).toEqual(['a']);
  });
});
