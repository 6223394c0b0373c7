import { describe, expect, it } from 'vitest';
import { checkedLook, LOOK } from './state.ts';

describe('the look that was kept', () => {
  it('comes back', () => {
    const kept = { theme: 'light', railWidth: 300, sideWidth: 0, namesMasked: true } as const;
    expect(checkedLook(kept)).toEqual(kept);
  });

  it('is the usual one where it makes no sense', () => {
    expect(checkedLook({ theme: 'pink', railWidth: '9', sideWidth: -1, namesMasked: 1 })).toEqual(
      LOOK,
    );
  });
});
