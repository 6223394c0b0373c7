import { missedNuclei } from '../../audit/nuclei-check.ts';
import { useApp } from '../state.ts';

/** What is to be said where many nuclei are missed; null where they are not, or cells were imported. */
export function useMissedNuclei(): string | null {
  return useApp((s) => (s.imported ? null : missedNuclei(s.score?.missed ?? null)));
}

/** Beside counts and densities of cells: that many nuclei are not among them. */
export function NucleiMissing() {
  const missed = useMissedNuclei();
  return missed && <p className="small under warn">{missed}</p>;
}
