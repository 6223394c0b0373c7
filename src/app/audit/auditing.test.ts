import { describe, expect, it } from 'vitest';
import type { LoadedKit, ModelEntry } from '../../analysis/analysis.ts';
import { chosenEncoders } from './auditing.ts';
import { NO_AUDIT } from './state.ts';

const entry = (id: string, role: ModelEntry['role']) => ({ id, role }) as ModelEntry;
const entries = [entry('a', 'encoder'), entry('b', 'encoder'), entry('h', 'head')];
const kit = { encoder: { status: { id: 'b' } } } as LoadedKit;
const ticked = (encoders: string[] | null, used: LoadedKit | null = kit) => {
  const audit = { ...NO_AUDIT.audit, encoders };
  return chosenEncoders({ audit, entries: used ? entries : [], kit: used }).map(({ id }) => id);
};

describe('the encoders to be audited', () => {
  it('are the one in use until others are ticked, and none where all are unticked', () => {
    expect(ticked(null)).toEqual(['b']);
    expect(ticked(['a', 'h'])).toEqual(['a']);
    expect(ticked([])).toEqual([]);
  });

  it('are none while models load', () => {
    expect(ticked(null, null)).toEqual([]);
  });
});
