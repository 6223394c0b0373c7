/** Finding a port for the local server. */
import type { Server } from 'node:http';

/** How many ports from the wanted one on are tried. */
const PORTS_TRIED = 50;

/** A mistake of the caller's: shown as a sentence, without a trace. */
export class UsageError extends Error {}

/**
 * Listen on `port` of this machine alone, or on the next free one; resolves to the port taken.
 * Throws UsageError when none can be had.
 */
export async function listen(server: Server, port: number): Promise<number> {
  const last = Math.min(port + PORTS_TRIED, 65536) - 1;
  for (let candidate = port; candidate <= last; candidate++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(candidate, '127.0.0.1', () => {
          server.off('error', reject);
          resolve();
        });
      });
      return candidate;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES') {
        throw new UsageError(`Port ${candidate} needs special rights. Choose one above 1023.`);
      }
      if (code !== 'EADDRINUSE') throw error;
    }
  }
  throw new UsageError(`Ports ${port} to ${last} are all taken. Choose another with --port.`);
}
