import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobOf, runJob } from './pipeline.ts';
import { askedOf, fieldWeights, scoreOf } from './score.ts';
import { TEST_MPP, testKit, testLane } from './testing-kit.ts';

const gates = fc.array(fc.double({ min: -40, max: 40, noNaN: true }), {
  minLength: 1,
  maxLength: 40,
});

describe('weights of fields', () => {
  it('by attention are one softmax over all tokens of the slide', () => {
    // Three fields of two tokens with known raw scores e; gate = logsumexp(e).
    const raw = [
      [0.5, -1],
      [2, 0.1],
      [-3, 1],
    ];
    const sums = raw.map((e) => e.reduce((sum, value) => sum + Math.exp(value), 0));
    const whole = sums.reduce((a, b) => a + b, 0);
    const weights = fieldWeights(sums.map(Math.log), 'attention');
    raw.forEach((e, f) => {
      for (const value of e) {
        const within = Math.exp(value) / sums[f];
        expect(weights[f] * within).toBeCloseTo(Math.exp(value) / whole, 12);
      }
    });
  });

  it('sum to one, whatever the gates, and do not change with their common level', () => {
    fc.assert(
      fc.property(gates, fc.double({ min: -500, max: 500, noNaN: true }), (list, level) => {
        const weights = fieldWeights(list, 'attention');
        expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
        const shifted = fieldWeights(
          list.map((gate) => gate + level),
          'attention',
        );
        shifted.forEach((weight, i) => {
          expect(weight).toBeCloseTo(weights[i], 6);
        });
      }),
    );
  });

  it('are alike without gates', () => {
    expect([...fieldWeights([1, null, 3], 'attention')]).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });
});

describe('a slide’s score', () => {
  it('is the sum of its parts, pooled either way', async () => {
    const kit = testKit();
    const places = Array.from({ length: 12 }, (_, i) => ({ col: i % 4, row: Math.floor(i / 4) }));
    const job = jobOf(kit, TEST_MPP, places);
    await runJob(job, { first: testLane() }, kit, 'mean', { onField: () => undefined });
    const { fields, cells } = job.ledger;
    const mean = scoreOf(fields, cells, askedOf(kit, 'mean'));
    const attended = scoreOf(fields, cells, askedOf(kit, 'attention'));
    for (const score of [mean, attended]) {
      expect(Math.abs(score.residual)).toBeLessThan(1e-5);
      expect(score.attentionOnCells).toBeGreaterThan(0);
      expect(score.attentionOnCells).toBeLessThan(1);
    }
    expect(mean.effectiveFields).toBeCloseTo(12, 9);
    expect(attended.effectiveFields).toBeLessThan(12);
    const largest = fields.reduce((a, b) => ((b.gate ?? 0) > (a.gate ?? 0) ? b : a));
    // Attention moves the score towards the field that draws most of it.
    const nearer = Math.abs(attended.logit - largest.logit) < Math.abs(mean.logit - largest.logit);
    expect(nearer).toBe(true);
    // The plain sum of the cells' contributions is what equal weights make of them.
    const sum = cells.contribution.slice(0, cells.count).reduce((a, b) => a + b, 0);
    const byType = mean.byType.reduce((a, b) => a + b.contribution, 0);
    expect(byType).toBeCloseTo(sum / fields.length, 5);
  });
});
