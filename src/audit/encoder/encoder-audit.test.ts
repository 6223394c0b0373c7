import { describe, expect, it } from 'vitest';
import { pause } from '../../core/tasks.ts';
import { biologyDominant, centreDominant, contested } from '../testing/worlds.ts';
import { auditEmbeddings, auditEncoder, type EncoderAudit } from './encoder-audit.ts';
import { type Look, together } from './lanes.ts';
import type { AuditStep } from './looks.ts';
import { MEASURES } from './measures.ts';
import { reportHtml, reportRows } from './report.ts';
import { colourEncoder, drawnSet, textureEncoder } from './testing/drawn.ts';
import { verdictsOf } from './verdicts.ts';

const NAMES = { title: 'made', name: 'made.csv' };
const robust = (audit: EncoderAudit) =>
  verdictsOf(audit).find(({ rule }) => rule.startsWith('Robustness'))?.passed;

describe('worlds with known answers', () => {
  it('passes biology, fails the centre, leaves what is contested open', async () => {
    expect(robust(await auditEmbeddings(biologyDominant(), NAMES))).toBe(true);
    expect(robust(await auditEmbeddings(centreDominant(), NAMES))).toBe(false);
    expect(robust(await auditEmbeddings(contested(), NAMES))).toBe(null);
  });
});

describe('a planted scanner colour', () => {
  it('fails an encoder that sees colour alone, and one that sees none survives it', async () => {
    const set = drawnSet();
    const [colour, texture] = [
      await auditEncoder(set, colourEncoder(), { turned: 8 }),
      await auditEncoder(set, textureEncoder(), { turned: 8 }),
    ];
    expect(colour.set.entanglement).toBe(0);
    expect(robust(colour)).toBe(false);
    expect(robust(texture)).toBe(true);
    expect(colour.measures.clusters.score).toBeLessThan(0);
    expect(texture.measures.clusters.score).toBeGreaterThan(0);
    const f1 = ({ retrieval }: EncoderAudit) =>
      retrieval && typeof retrieval === 'object' ? (retrieval.dense.value ?? 0) : 0;
    expect(f1(texture)).toBeGreaterThan(f1(colour));
  });

  it('turns colour nowhere: quarter turns keep the neighbours of a mean, but for rounding', async () => {
    const { rotation } = await auditEncoder(drawnSet(), colourEncoder(), { turned: 12 });
    expect(rotation?.quarter.value).toBeGreaterThan(0.9);
    expect(rotation?.angles).toHaveLength(23);
    // Pictures as large as the field have no tissue around them.
    expect(rotation?.share).toBeLessThan(0.75);
  });

  it('sees around tiles that are larger than the field', async () => {
    const { rotation, sizes } = await auditEncoder(drawnSet(2, 64), colourEncoder(), { turned: 6 });
    expect(rotation?.share).toBe(1);
    expect(sizes?.views.map(({ id }) => id)).toContain('double-context');
  });
});

describe('a run', () => {
  it('says how far it is, and ends when asked to', async () => {
    const steps: AuditStep[] = [];
    const abort = new AbortController();
    const running = auditEncoder(drawnSet(), colourEncoder(), {
      turned: 4,
      signal: abort.signal,
      onProgress: (step) => {
        steps.push(step);
        if (step.stage === 'tiles' && step.done === 5) abort.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ tag: 'cancelled' });
    expect(steps).toHaveLength(5);
    expect(steps[4].seconds).toBeGreaterThanOrEqual(0);
  });

  it('gives the same numbers twice', async () => {
    const [one, two] = await Promise.all(
      [0, 1].map(() => auditEncoder(drawnSet(), textureEncoder(), { turned: 4 })),
    );
    expect({ ...one, cost: null }).toEqual({ ...two, cost: null });
  });

  it('gives the same numbers by one lane and by several, whichever is faster', async () => {
    const alone = await auditEncoder(drawnSet(), textureEncoder(), { turned: 4 });
    const seen = [0, 0];
    const lane = async (at: number): Promise<Look> => {
      const { embed } = textureEncoder();
      return async (picture) => {
        seen[at]++;
        await pause(seen[at] % 3);
        if (at === 1 && seen[1] > 5) throw new Error('this lane has died');
        return embed(picture);
      };
    };
    const broken = Promise.reject(new Error('this one never opened'));
    const { embed, ...first } = textureEncoder();
    const slow: Look = async (picture) => {
      await pause(3);
      return embed(picture);
    };
    const several = together({ ...first, embed: slow }, [lane(0), lane(1), broken]);
    const audit = await auditEncoder(drawnSet(), several, { turned: 4 });
    expect({ ...audit, cost: null }).toEqual({ ...alone, cost: null });
    expect(seen[0]).toBeGreaterThan(10);
    expect(several.lanes).toBe(2);
  });

  it('refuses one class and one centre before it looks at a tile', async () => {
    const set = drawnSet(1);
    const one = (what: 'biology' | 'centre') => ({
      ...set,
      tiles: set.tiles.map((tile) => ({ ...tile, labels: { ...tile.labels, [what]: 'one' } })),
    });
    const blind = { ...colourEncoder(), embed: () => Promise.reject(new Error('looked')) };
    await expect(auditEncoder(one('biology'), blind)).rejects.toThrow('one biological class');
    await expect(auditEncoder(one('centre'), blind)).rejects.toThrow('one centre');
  });
});

describe('the spread over classes', () => {
  const spread = (audit: EncoderAudit) =>
    verdictsOf(audit).find(({ measure }) => measure === 'f1-spread');

  it('is passed only where every class was asked for, and failed as soon as it is too large', async () => {
    const audit = await auditEncoder(drawnSet(), textureEncoder(), { turned: 4 });
    const { retrieval, set } = audit;
    if (retrieval === null || typeof retrieval === 'string') throw new Error('nothing retrieved');
    expect(spread(audit)?.passed).toBe(true);
    const more = { ...set, classes: [...set.classes, { name: 'never asked', samples: 1 }] };
    expect(spread({ ...audit, set: more })).toMatchObject({ passed: null });
    expect(spread({ ...audit, set: more })?.text).toContain('2 of 3 classes');
    const [first, ...others] = retrieval.classes;
    const uneven = { ...retrieval, classes: [{ ...first, dense: 0.1 }, ...others] };
    expect(spread({ ...audit, set: more, retrieval: uneven })?.passed).toBe(false);
  });
});

describe('the report', () => {
  it('has every number of the table, its definition, and escapes names', async () => {
    const audit = await auditEncoder(drawnSet(), textureEncoder(), { turned: 4 });
    const report = {
      audits: [{ ...audit, title: 'A <b>' }],
      watts: 20,
      date: new Date(0),
      version: '0',
    };
    const html = reportHtml(report);
    expect(html).toContain('A &lt;b&gt;');
    expect(html).not.toContain('A <b>');
    for (const { rows } of reportRows(report)) {
      for (const { name, cells } of rows) {
        expect(html).toContain(name);
        expect(html).toContain(`<b>${cells[0]?.text}</b>`);
      }
    }
    expect(html).toContain('1970-01-01');
    expect(new Set(MEASURES.map(({ id }) => id)).size).toBe(MEASURES.length);
  });
});
