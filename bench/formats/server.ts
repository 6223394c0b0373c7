/** Files of a folder over HTTP with byte ranges, counted: what a slide on a server costs. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

export interface CountingServer {
  url: string;
  requests: number;
  /** Bytes of bodies sent. */
  bytes: number;
  close(): void;
}

/** Serve by mount: `/name/...` is read below `mounts.get(name)`. */
export async function serveCounted(mounts: Map<string, string>): Promise<CountingServer> {
  const counted: CountingServer = { url: '', requests: 0, bytes: 0, close: () => {} };
  const server = createServer((request, response) => {
    counted.requests++;
    answer(request, response, mounts, (bytes) => {
      counted.bytes += bytes;
    }).catch(() => response.writeHead(404).end());
  });
  // Decoding may keep this process busy for longer than idle connections are kept by default.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  counted.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  counted.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return counted;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  mounts: Map<string, string>,
  count: (bytes: number) => void,
): Promise<void> {
  const [, mount, ...rest] = decodeURIComponent((request.url ?? '').split('?')[0]).split('/');
  const folder = mounts.get(mount);
  if (!folder) throw new Error('no such mount');
  const file = path.join(folder, ...rest);
  const { size } = await stat(file);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  response.writeHead(range ? 206 : 200, {
    'Content-Length': end - start + 1,
    ...(range ? { 'Content-Range': `bytes ${start}-${end}/${size}` } : {}),
  });
  if (request.method === 'HEAD' || size === 0) return void response.end();
  for await (const chunk of createReadStream(file, { start, end })) {
    count((chunk as Buffer).length);
    if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end();
}
