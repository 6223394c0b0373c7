/** The page's side of the transfer worker, which lives only while a file is written or read. */
import { type Connection, connect } from '../core/rpc.ts';
import type { TransferApi } from './transfer.ts';

export function startTransfer(): Connection<TransferApi> {
  const worker = new Worker(new URL('./transfer.worker.ts', import.meta.url), {
    type: 'module',
    name: 'transfer',
  });
  return connect<TransferApi>(worker);
}
