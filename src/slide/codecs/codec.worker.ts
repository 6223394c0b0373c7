/** Decodes tiles off the page's thread. */
import { throwIfAborted } from '../../core/errors.ts';
import { type Call, type Port, serve, Transfer } from '../../core/rpc.ts';
import { AS_STORED, browserDecoder, isRgba } from '../decode.ts';
import type { EncodedTile } from './codec.ts';
import { directCodec } from './codecs.ts';

export interface CodecWorkerApi {
  decode: Call<EncodedTile, ImageBitmap>;
}

const codec = directCodec(browserDecoder);

serve<CodecWorkerApi>(
  {
    async decode(tile, { signal }) {
      // Decoding blocks this thread; a turn of the event loop lets an abort overtake the work.
      await new Promise((resolve) => setTimeout(resolve, 0));
      throwIfAborted(signal);
      const raster = await codec(tile, signal);
      const bitmap = isRgba(raster)
        ? await createImageBitmap(
            new ImageData(raster.data, raster.width, raster.height),
            AS_STORED,
          )
        : raster;
      return new Transfer(bitmap, [bitmap]);
    },
  },
  self as unknown as Port,
);
