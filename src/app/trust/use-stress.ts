import { useApp } from '../state.ts';
import type { Stressed } from './state.ts';

/** The stressed field, as long as it was stressed with the head in use. */
export function useStress(): Stressed | null {
  return useApp((s) => (s.stress && s.stress.head === s.kit?.head.status.id ? s.stress : null));
}
