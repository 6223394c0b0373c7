import { describe, expect, it } from 'vitest';
import { RUIFROK_HE } from '../../slide/stain.ts';
import { developmentOf, LUT_SIDE, lookText, PLAIN } from './look.ts';

const bare = { table: null, stains: null };
const profiled = { table: new Uint8Array(3 * LUT_SIDE ** 3), stains: null };

describe('a look', () => {
  it('leaves the pixels alone until something is asked of them', () => {
    expect(developmentOf(PLAIN, bare)).toBeNull();
    expect(lookText(PLAIN, bare)).toBe('');
    expect(developmentOf({ ...PLAIN, icc: false }, profiled)).toBeNull();
    expect(developmentOf({ ...PLAIN, gamma: 1.2 }, bare)?.gamma).toBe(1.2);
  });

  it('applies a profile that the slide brings, but not to one stain alone', () => {
    expect(developmentOf(PLAIN, profiled)?.table).toBe(profiled.table);
    const alone = developmentOf({ ...PLAIN, stain: 'haematoxylin' }, profiled);
    expect(alone?.table).toBeNull();
    expect(alone?.part?.tint).toEqual(RUIFROK_HE.haematoxylin);
  });

  it('shows no part of stains that the slide did not tell', () => {
    expect(developmentOf({ ...PLAIN, stain: 'other', stains: 'slide' }, bare)).toBeNull();
  });

  it('says what it does', () => {
    const look = { ...PLAIN, stain: 'other', brightness: -0.1, contrast: 1.25 } as const;
    expect(lookText(look, bare)).toBe(
      'eosin alone, H&E vectors of Ruifrok and Johnston, brightness \u221210 %, contrast 1.25',
    );
    expect(lookText(PLAIN, profiled)).toBe('colour profile applied');
  });
});
