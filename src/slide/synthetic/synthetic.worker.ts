/** Draws tiles of one synthetic slide off the page's thread. */
import { throwIfAborted } from '../../core/errors.ts';
import { type Call, type Port, serve, Transfer } from '../../core/rpc.ts';
import type { SlideInfo } from '../slide.ts';
import type { Painter } from './paint.ts';
import { createPainter, drawTile, type SyntheticOptions, syntheticInfo } from './synthetic.ts';

export interface TileRequest {
  options: SyntheticOptions;
  level: number;
  col: number;
  row: number;
}

export interface SyntheticWorkerApi {
  tile: Call<TileRequest, ImageBitmap>;
}

let open: { info: SlideInfo; painter: Painter } | null = null;

serve<SyntheticWorkerApi>(
  {
    async tile({ options, level, col, row }, { signal }) {
      // Drawing blocks this thread; a turn of the event loop lets an abort overtake the work.
      await new Promise((resolve) => setTimeout(resolve, 0));
      throwIfAborted(signal);
      const info = syntheticInfo(options);
      if (open?.info.id !== info.id) open = { info, painter: createPainter(options) };
      const { width, height, data } = drawTile(open.painter, info, level, col, row);
      const bitmap = await createImageBitmap(new ImageData(data, width, height));
      return new Transfer(bitmap, [bitmap]);
    },
  },
  self as unknown as Port,
);
