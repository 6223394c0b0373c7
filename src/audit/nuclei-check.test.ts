import { describe, expect, it } from 'vitest';
import { MANY_MISSED, missedNuclei } from './nuclei-check.ts';

describe('missed nuclei', () => {
  it('are said where most are, with the share, and not else', () => {
    expect(missedNuclei(0.87)).toContain('87\u00a0% of the area stained like nuclei');
    expect(missedNuclei(MANY_MISSED)).toBeNull();
    expect(missedNuclei(0.1)).toBeNull();
    expect(missedNuclei(null)).toBeNull();
  });
});
