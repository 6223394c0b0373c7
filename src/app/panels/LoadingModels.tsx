import { useApp } from '../state.ts';

/** While the models load: how many are there, and what is done with them. Nothing before or after. */
export function LoadingModels() {
  const loading = useApp((s) => s.kit === null && s.kitError === null);
  const count = useApp((s) => s.models.length);
  if (!loading) return null;
  return (
    <div className="quiet small loading-models" role="status">
      <progress className="track" aria-label="Loading models" />
      Loading models ({count} so far) and checking that they compute the right numbers here.
    </div>
  );
}
