import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUILT_IN, nameOf, readUrl, sourceFromName, writeUrl } from './url.ts';

const PAGE = 'http://127.0.0.1:5173/app/';

describe('the address', () => {
  it('gives back slide, view, scale, head, provider and filters', () => {
    fc.assert(
      fc.property(
        fc.webUrl(),
        fc.integer({ min: -5000, max: 200_000 }),
        fc.integer({ min: 1, max: 200_000 }),
        fc.constantFrom('wasm' as const, 'webgpu' as const, null),
        (slide, at, size, provider) => {
          const state = {
            slide,
            view: { x: at, y: 7 - at, w: size, h: size + 1 },
            pose: { turn: (size % 1440) / 4, flipped: size % 2 === 0 },
            mpp: 0.26,
            provider,
            head: provider && `head-${size}`,
            gate: provider && { types: [1, 3], area: [20, 120] as const },
          };
          expect(readUrl(writeUrl(state))).toEqual(state);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('ignores what makes no sense', () => {
    expect(readUrl('?x=1&y=2&w=abc&h=4').view).toBeNull();
    expect(readUrl('?x=1&y=2&w=0&h=4').view).toBeNull();
    expect(readUrl('?mpp=-1&provider=cuda')).toEqual({
      slide: null,
      view: null,
      pose: { turn: 0, flipped: false },
      mpp: null,
      provider: null,
      head: null,
      gate: null,
    });
  });

  it('says nothing of an upright view, and takes any turn', () => {
    expect(writeUrl({ ...readUrl('?slide=a'), pose: { turn: 0, flipped: false } })).toBe(
      '?slide=a',
    );
    expect(readUrl('?turn=-90').pose).toEqual({ turn: 270, flipped: false });
    expect(readUrl('?turn=north&flip=1').pose).toEqual({ turn: 0, flipped: true });
  });

  it('keeps filters readable', () => {
    expect(writeUrl({ ...readUrl('?slide=a'), gate: { types: [0, 2], rank: [0.9, 1] } })).toBe(
      '?slide=a&gate=type:0,2;rank:0.9-1',
    );
  });

  it('names sources so that they are found again', () => {
    const drawn = { kind: 'synthetic', seed: 3, width: 30_000, height: 20_000 } as const;
    expect(sourceFromName(nameOf(drawn, PAGE) ?? '', PAGE)).toEqual(drawn);
    const near = { kind: 'url', url: `${PAGE}slides/a.szi` } as const;
    expect(nameOf(near, PAGE)).toBe('slides/a.szi');
    expect(sourceFromName('slides/a.szi', PAGE)).toEqual(near);
    const far = { kind: 'url', url: 'https://example.org/a/HE.dzi' } as const;
    expect(sourceFromName(nameOf(far, PAGE) ?? '', PAGE)).toEqual(far);
    expect(sourceFromName('synthetic', PAGE)).toEqual(BUILT_IN);
  });

  it('names no file of this disk, and opens no other scheme', () => {
    const file = new File([], 'Jane Doe.szi');
    expect(nameOf({ kind: 'file', file }, PAGE)).toBeNull();
    const files = [{ path: 'Jane Doe/1.dcm', file }];
    expect(nameOf({ kind: 'files', name: 'Jane Doe', files }, PAGE)).toBeNull();
    const series = { service: 'https://pacs/dicom-web', study: '1.2', series: '1.2.3' };
    expect(nameOf({ kind: 'dicomweb', series }, PAGE)).toBeNull();
    expect(sourceFromName('javascript:alert(1)', PAGE)).toBeNull();
    expect(sourceFromName('file:///etc/passwd', PAGE)).toBeNull();
    expect(sourceFromName('synthetic:1:900000x900000', PAGE)).toBeNull();
  });
});
