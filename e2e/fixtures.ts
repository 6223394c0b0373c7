/** Small slides made on the spot, good and bad, and servers that misbehave. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { zipSync } from 'fflate';
import sharp from 'sharp';

const TILE = 256;

/** A Deep Zoom pyramid of a drawn picture: file name -> bytes, as it lies inside an SZI. */
export async function makePyramid(name: string, width = 1024, height = 768) {
  const picture = await sharp({
    create: { width, height, channels: 3, background: { r: 236, g: 200, b: 220 } },
  })
    .composite([
      {
        input: Buffer.from(
          `<svg width="${width}" height="${height}"><circle cx="300" cy="300" r="90" fill="#7a4a90"/></svg>`,
        ),
      },
    ])
    .png()
    .toBuffer();
  const files: Record<string, Uint8Array> = {};
  const top = Math.ceil(Math.log2(Math.max(width, height)));
  for (let level = 0; level <= top; level++) {
    const down = 2 ** (top - level);
    const [w, h] = [Math.ceil(width / down), Math.ceil(height / down)];
    const scaled = await sharp(picture).resize(w, h, { fit: 'fill' }).png().toBuffer();
    for (let row = 0; row * TILE < h; row++) {
      for (let col = 0; col * TILE < w; col++) {
        const box = {
          left: col * TILE,
          top: row * TILE,
          width: Math.min(TILE, w - col * TILE),
          height: Math.min(TILE, h - row * TILE),
        };
        files[`${name}/${name}_files/${level}/${col}_${row}.jpeg`] = await sharp(scaled)
          .extract(box)
          .jpeg()
          .toBuffer();
      }
    }
  }
  const descriptor = `<?xml version="1.0"?><Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="jpeg" Overlap="0" TileSize="${TILE}"><Size Width="${width}" Height="${height}"/></Image>`;
  files[`${name}/${name}.dzi`] = new TextEncoder().encode(descriptor);
  return { files, descriptor };
}

export async function makeSzi(name: string, level: 0 | 6 = 0): Promise<Buffer> {
  const { files } = await makePyramid(name);
  return Buffer.from(zipSync(files, { level }));
}

export interface Manners {
  cors: boolean;
  ranges: boolean;
}

/** Serves files by path from another origin, with or without CORS and byte ranges. */
export async function serveFiles(files: Record<string, Uint8Array | string>, manners: Manners) {
  const server = createServer((request, response) => answer(request, response, files, manners));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  files: Record<string, Uint8Array | string>,
  { cors, ranges }: Manners,
): void {
  if (cors) {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Headers', 'Range');
    response.setHeader('Access-Control-Expose-Headers', 'Content-Range, Content-Length');
  }
  if (request.method === 'OPTIONS') {
    response.writeHead(204).end();
    return;
  }
  const file = files[(request.url ?? '').split('?')[0]];
  if (file === undefined) {
    response.writeHead(404).end('not here');
    return;
  }
  const bytes = Buffer.from(file as Uint8Array);
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  if (!ranges || !range) {
    response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes);
    return;
  }
  const suffix = range[1] === '';
  const first = suffix ? Math.max(0, bytes.length - Number(range[2])) : Number(range[1]);
  const last =
    suffix || range[2] === '' ? bytes.length - 1 : Math.min(Number(range[2]), bytes.length - 1);
  response.writeHead(206, {
    'Content-Range': `bytes ${first}-${last}/${bytes.length}`,
    'Content-Length': last - first + 1,
  });
  response.end(bytes.subarray(first, last + 1));
}
