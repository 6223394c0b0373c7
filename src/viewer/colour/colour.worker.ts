/** Works out a slide's colours off the page's thread. */
import { type Call, type Port, serve, Transfer } from '../../core/rpc.ts';
import type { Bytes } from '../../slide/bytes.ts';
import type { RgbaImage } from '../../slide/slide.ts';
import { estimateStains, type StainVectors } from '../../slide/stain.ts';
import { tableOf } from './icc.ts';
import type { ColourTable } from './look.ts';

export interface ColourWorkerApi {
  table: Call<Bytes, ColourTable>;
  stains: Call<RgbaImage, StainVectors | null>;
}

serve<ColourWorkerApi>(
  {
    async table(profile) {
      const table = await tableOf(profile);
      return new Transfer(table, [table.buffer]);
    },
    stains: (image) => estimateStains(image),
  },
  self as unknown as Port,
);
