/** What one of our own files says it predicts. */
import { isRecord } from '../../core/json-stream.ts';

/** The label of the prediction in a text of JSON, at the top or under `cytolens`; null if it has none. */
export function predictionOf(json: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // A head or comment that is not ours.
    return null;
  }
  const provenance = isRecord(value) && isRecord(value.cytolens) ? value.cytolens : value;
  const prediction = isRecord(provenance) ? provenance.prediction : null;
  return isRecord(prediction) && typeof prediction.label === 'string' ? prediction.label : null;
}
