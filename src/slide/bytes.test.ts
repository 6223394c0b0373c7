import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobSource, fetchWhole, urlSource } from './bytes.ts';
import { serveWith } from './testing/pyramid.ts';

const CONTENT = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
let server: Awaited<ReturnType<typeof serveWith>>;
/** Bytes that the server managed to send of its endless answer. */
let sent = 0;

beforeAll(async () => {
  server = await serveWith((request, response) => {
    const path = (request.url ?? '').slice(1);
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const [start, end] = [Number(range?.[1]), Math.min(Number(range?.[2]), 999)];
    if (path === 'missing') response.writeHead(404).end();
    else if (path === 'refused') response.writeHead(403).end();
    else if (path === 'broken') response.writeHead(503).end();
    else if (path === 'whole') response.end(CONTENT);
    else if (path === 'hang') response.writeHead(206, { 'Content-Range': 'bytes 0-9/1000' });
    else if (path === 'endless') {
      const more = () => {
        if (sent > 1e9) return;
        sent += 65536;
        if (response.write(Buffer.alloc(65536))) setImmediate(more);
        else response.once('drain', more);
      };
      more();
    } else if (request.method === 'HEAD') {
      response.writeHead(200, { 'Content-Length': 1000 }).end();
    } else {
      // `cors` is how another site looks: its Content-Range cannot be read by a page.
      const hidden = path === 'cors' ? {} : { 'Content-Range': `bytes ${start}-${end}/1000` };
      const short = path === 'short' && start > 0 ? 5 : 0;
      response.writeHead(206, hidden).end(CONTENT.subarray(start, end + 1 - short));
    }
  });
});
afterAll(() => server.close());

describe('urlSource', () => {
  it.each(['file', 'cors'])('reads ranges of %s', async (path) => {
    const source = await urlSource(`${server.url}/${path}`);
    expect(source.size).toBe(1000);
    expect(await source.read(990, 10)).toEqual(CONTENT.slice(990));
    expect(await source.read(5, 0)).toHaveLength(0);
  });

  it.each([
    ['missing', 'not-found', /no file at this address/],
    ['refused', 'not-found', /refuses/],
    ['broken', 'network', /reports a fault \(503\)/],
    ['whole', 'range', /does not answer byte ranges/],
  ])('says what to do when the server answers "%s"', async (path, tag, sentence) => {
    await expect(urlSource(`${server.url}/${path}`)).rejects.toMatchObject({
      tag,
      message: expect.stringMatching(sentence),
    });
  });

  it('stops the transfer of a server that ignores ranges', async () => {
    await expect(urlSource(`${server.url}/endless`)).rejects.toMatchObject({ tag: 'range' });
    const before = sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent - before).toBeLessThan(2e6);
  });

  it('tells a short answer and a range past the end', async () => {
    const source = await urlSource(`${server.url}/short`);
    await expect(source.read(100, 50)).rejects.toMatchObject({ tag: 'truncated' });
    await expect(source.read(990, 20)).rejects.toMatchObject({ tag: 'truncated' });
  });

  it('names both causes when there is no answer', async () => {
    await expect(urlSource('http://127.0.0.1:9/x.szi')).rejects.toMatchObject({
      tag: 'network',
      message: expect.stringMatching(/offline.*CORS.*download the slide/s),
    });
  });

  it('is cancelled by its signal', async () => {
    const source = await urlSource(`${server.url}/file`);
    await expect(source.read(0, 1, AbortSignal.abort())).rejects.toMatchObject({
      tag: 'cancelled',
    });
    const abort = new AbortController();
    const pending = fetchWhole(`${server.url}/hang`, 10, abort.signal);
    setTimeout(() => abort.abort(), 20);
    await expect(pending).rejects.toMatchObject({ tag: 'cancelled' });
  });
});

describe('fetchWhole', () => {
  it('reads a small file and refuses a large one', async () => {
    const { bytes } = await fetchWhole(`${server.url}/whole`, 1000);
    expect(bytes).toEqual(CONTENT);
    await expect(fetchWhole(`${server.url}/whole`, 999)).rejects.toMatchObject({
      tag: 'too-large',
    });
  });
});

describe('blobSource', () => {
  it('reads slices and tells the end', async () => {
    const source = blobSource(new Blob([CONTENT]));
    expect(await source.read(10, 3)).toEqual(CONTENT.slice(10, 13));
    await expect(source.read(999, 2)).rejects.toMatchObject({ tag: 'truncated' });
  });
});
