import { describe, expect, it } from 'vitest';
import type { FieldTokens, Ledger, LedgerField } from '../analysis/ledger.ts';
import { scoreRows } from './answer.ts';
import { FieldRows } from './fields.ts';
import { DIM, fakeAlignment, fixture } from './testing/alignment.ts';

const alignment = fakeAlignment();
const places = Uint32Array.from(fixture.sets[1]);
const signal = new AbortController().signal;
const quiet = () => undefined;

/** A ledger of `count` fields; the class token of field i is its row of the fixture. */
function ledgerOf(count: number) {
  const fields = Array.from({ length: count }, (_, id) => ({ id }) as LedgerField);
  let asked = 0;
  const source = async ({ id }: LedgerField): Promise<FieldTokens | null> => {
    asked++;
    if (id === 2) return null;
    const row = Float32Array.from([id % fixture.u.length]);
    return { classToken: row, patchTokens: new Float32Array(4 * DIM) };
  };
  return { ledger: { fields } as Ledger, source, asked: () => asked };
}

const more = (ledger: Ledger, id: number) => ledger.fields.push({ id } as LedgerField);

describe('FieldRows', () => {
  it('answers for fields whose tokens are kept, and knows which', async () => {
    const { ledger, source } = ledgerOf(4);
    const kept = await new FieldRows(ledger, source, 4).now(alignment, quiet, signal);
    expect(kept?.fields.map(({ id }) => id)).toEqual([0, 1, 3]);
    const said = kept && scoreRows(alignment, kept, places);
    expect(said?.predictor[2]).toBeCloseTo(fixture.predictor[3][1], 4);
  });

  it('reads tokens once, and takes in only what is new', async () => {
    const { ledger, source, asked } = ledgerOf(4);
    const rows = new FieldRows(ledger, source, 4);
    await rows.now(alignment, quiet, signal);
    await rows.now(alignment, quiet, signal);
    expect(asked()).toBe(4);
    more(ledger, 4);
    const kept = await rows.now(alignment, quiet, signal);
    expect(asked()).toBe(5);
    const said = kept && scoreRows(alignment, kept, places);
    expect(said?.knn.length).toBe(4);
    expect(said?.knn[0]).toBeCloseTo(fixture.knn[0][1], 4);
    expect(said?.knn[3]).toBeCloseTo(fixture.knn[4][1], 4);
  });

  it('finds other neighbours in another library without the tokens', async () => {
    const { ledger, source, asked } = ledgerOf(4);
    const rows = new FieldRows(ledger, source, 4);
    const before = await rows.now(alignment, quiet, signal);
    const r = alignment.library.r.slice().reverse();
    const other = { ...alignment, library: { ...alignment.library, r } };
    const after = await rows.now(other, quiet, signal);
    expect(asked()).toBe(4);
    const { width } = alignment.session.manifest.alignment;
    for (let row = 0; row < 3; row++) {
      const u = after?.u.subarray(row * width, (row + 1) * width) ?? [];
      const own = after?.neighbours;
      const first = (own?.index[row * (own?.k ?? 0)] ?? 0) * width;
      const dot = Array.from(u).reduce((sum, value, d) => sum + value * r[first + d], 0);
      expect(own?.similarity[row * (own?.k ?? 0)]).toBeCloseTo(dot, 5);
    }
    expect(after?.neighbours.index).not.toEqual(before?.neighbours.index);
    expect(after?.ranks).toBe(before?.ranks);
  });

  it('goes on after a cancel, and tells how far it is', async () => {
    const { ledger, source } = ledgerOf(150);
    const rows = new FieldRows(ledger, source, 4);
    const abort = new AbortController();
    await expect(rows.now(alignment, () => abort.abort(), abort.signal)).rejects.toMatchObject({
      tag: 'cancelled',
    });
    const told: number[] = [];
    const kept = await rows.now(alignment, (done) => told.push(done), signal);
    expect(told).toEqual([128, 150]);
    expect(kept?.fields).toHaveLength(149);
    expect(new Set(kept?.fields.map(({ id }) => id)).size).toBe(149);
  });
});
