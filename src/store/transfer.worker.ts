/** The worker's side: writes and reads files of cells, so that the page never waits. */
import { cellBuffers } from '../core/cells.ts';
import { type Port, serve, Transfer } from '../core/rpc.ts';
import { exportParts } from './export/export.ts';
import { formatRow } from './export/formats.ts';
import { readCells } from './import/import.ts';
import { BlobSink, FileSink } from './sink.ts';
import type { TransferApi } from './transfer.ts';

/** Progress at most this often, ms. */
const EVERY_MS = 100;

serve<TransferApi>(
  {
    async write({ format, input, target }, { signal, progress }) {
      const sink = target ? await FileSink.open(target) : new BlobSink(formatRow(format).mime);
      const tell = atMostEvery(EVERY_MS, progress);
      let bytes = 0;
      try {
        for await (const part of await exportParts(format, input, signal)) {
          await sink.write(part.bytes);
          bytes += part.bytes.length;
          tell({ done: part.done, total: input.cells.count, bytes });
        }
        return { bytes, blob: await sink.finish() };
      } catch (error) {
        await sink.discard();
        throw error;
      }
    },

    async read({ file, frame, unit }, { signal, progress }) {
      const tell = atMostEvery(EVERY_MS, progress);
      const imported = await readCells(file, frame, {
        unit,
        signal,
        onProgress: (done, cells) => tell({ done, total: file.size, cells }),
      });
      return new Transfer(imported, cellBuffers(imported.cells));
    },
  },
  self as unknown as Port,
);

function atMostEvery<T>(ms: number, tell: (value: T) => void): (value: T) => void {
  let told = Number.NEGATIVE_INFINITY;
  return (value) => {
    const now = performance.now();
    if (now - told < ms) return;
    told = now;
    tell(value);
  };
}
