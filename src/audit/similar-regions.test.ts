import { describe, expect, it } from 'vitest';
import { account, DIM, GRID, linearHead, MPP, SIDE } from '../analysis/explain/testing.ts';
import type { Ledger } from '../analysis/ledger.ts';
import { fieldRect } from '../analysis/plan.ts';
import type { CallContext } from '../core/rpc.ts';
import { Transfer } from '../core/rpc.ts';
import type { Kit } from '../model/kit.ts';
import type { Slide } from '../slide/slide.ts';
import { formulaSlide } from '../slide/testing/fake.ts';
import type { SearchedSlide } from './retrieval/shelf.ts';
import type { SimilarRegions } from './similar-regions.ts';
import { similarRegionsCalls } from './similar-regions.worker.ts';

const kit = {
  encoder: {
    manifest: {
      input: { px: 64, mpp: (SIDE * MPP) / 64 },
      encoder: { tokens: 'test', dim: DIM, grid: [GRID, GRID] },
    },
  },
} as unknown as Kit;
/** All grey: where nothing is told apart from glass, all of it is asked with. */
const grey = formulaSlide(16 * SIDE, SIDE, () => 200);
const slide: Slide = { ...grey, info: { ...grey.info, id: 'open', name: 'Open' } };
const square = (col: number) => {
  const { x, y, w, h } = fieldRect({ col, row: 0 }, SIDE);
  return [x, y, x + w, y, x + w, y + h, x, y + h];
};

function keptOf(ledger: Ledger): SearchedSlide {
  return {
    path: 'a/b',
    slideId: 'kept',
    slideName: 'Kept',
    mpp: MPP,
    account: ledger,
    count: ledger.fields.length,
    rectOf: (field) => fieldRect(ledger.fields[field].place, SIDE),
    tokensOf: async (field) => ledger.fields[field].tokens,
  };
}

function calls(ledger: Ledger | null, others: SearchedSlide[] = []) {
  const handlers = similarRegionsCalls({
    analysed: () => ledger && { ledger, kit, side: SIDE, source: async (field) => field.tokens },
    slide: () => slide,
    others: async () => others,
  });
  const told: unknown[] = [];
  const context: CallContext = {
    signal: new AbortController().signal,
    progress: (value) => told.push(value),
  };
  const ask = async (scope: 'slide' | 'library', col = 4): Promise<SimilarRegions> => {
    const said = await handlers.similarRegions({ rings: [square(col)], count: 10, scope }, context);
    return said instanceof Transfer ? said.value : said;
  };
  return { ask, told };
}

describe('regions like a region', () => {
  it('are other fields of the slide, also those that came since the last question', async () => {
    const ledger = await account(linearHead(), 12, []);
    const later = ledger.fields.splice(8);
    const { ask, told } = calls(ledger);
    const first = await ask('slide');
    expect(first).toMatchObject({ searched: 7, slides: 1, grid: { cols: GRID, rows: GRID } });
    expect(told).toEqual([{ done: 8, total: 8 }]);
    ledger.fields.push(...later);
    const found = await ask('slide');
    expect(found.searched).toBe(11);
    expect(found.byTokens).toHaveLength(10);
    const own = fieldRect({ col: 4, row: 0 }, SIDE);
    for (const { rect, slideId, mpp } of [...found.byTokens, ...found.byClassToken]) {
      expect(rect.x).not.toBe(own.x);
      expect([slideId, mpp]).toEqual(['open', MPP]);
    }
  });

  it('in the library are those of other slides, the same tissue first', async () => {
    // The same seed gives the same tissue.
    const ledger = await account(linearHead(), 6, []);
    const other = await account(linearHead(), 6, []);
    const { ask } = calls(ledger, [keptOf(other)]);
    const found = await ask('library');
    expect(found).toMatchObject({ searched: 6, slides: 1 });
    expect(found.byTokens[0]).toMatchObject({ path: 'a/b', slideId: 'kept' });
    expect(found.byTokens[0].rect).toEqual(fieldRect({ col: 4, row: 0 }, SIDE));
    expect(found.byTokens[0].maxSim).toBeCloseTo(1, 4);
    expect(found.byClassToken[0].cosine).toBeCloseTo(1, 4);
    expect([...found.byTokens[0].token]).toEqual(Array.from({ length: GRID * GRID }, (_, i) => i));
  });

  it('without an analysis, or without another slide, are a sentence', async () => {
    await expect(calls(null).ask('slide')).rejects.toThrow(/Nothing is analysed yet/);
    const ledger = await account(linearHead(), 6, []);
    await expect(calls(ledger).ask('library')).rejects.toThrow(/No other analysed slide/);
    await expect(calls(ledger).ask('slide', 30)).rejects.toThrow(/Analyse it, then ask again/);
  });
});
