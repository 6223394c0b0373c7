import { describe, expect, it } from 'vitest';
import { clouds, world } from '../testing/worlds.ts';
import { auditTask } from './task-audit.ts';

describe('a confounded task', () => {
  it('loses nothing where the centre is not seen, and much where it is all that is seen', async () => {
    const blind = await auditTask(clouds({ biology: 3, centre: 0 }, 40));
    const misled = await auditTask(clouds({ biology: 0.6, centre: 4 }, 40));
    if (typeof blind === 'string' || typeof misled === 'string') throw new Error('no task');
    expect(blind.drop).toBeGreaterThan(-0.02);
    expect(misled.drop).toBeLessThan(-0.1);
    expect(misled.degradation ?? 0).toBeLessThan(blind.degradation ?? 0);
    expect(blind.accuracies.map(({ strength }) => strength)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it('says why there is none', async () => {
    const tied = world(
      Array.from({ length: 40 }, (_, i) => [[i, 1], `c${i & 1}`, `s${i & 1}`] as const).map(
        ([vector, biology, centre]) => [[...vector], biology, centre],
      ),
    );
    expect(await auditTask(tied)).toContain('two classes that two centres have both seen');
    expect(await auditTask(clouds({ biology: 1, centre: 1 }, 4))).toContain('fewer than 16');
  });
});
