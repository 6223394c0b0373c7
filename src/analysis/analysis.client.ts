/** The page's side of the analysis worker. */
import { type Connection, connect } from '../core/rpc.ts';
import type { AnalysisApi } from './analysis.ts';

export type AnalysisClient = Connection<AnalysisApi>;

export function startAnalysis(): AnalysisClient {
  const worker = new Worker(new URL('./analysis.worker.ts', import.meta.url), {
    type: 'module',
    name: 'analysis',
  });
  return connect<AnalysisApi>(worker);
}
