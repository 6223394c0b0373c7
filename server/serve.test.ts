import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createHandler, parseRange, segmentsOf } from './serve.ts';

let folder = '';
let server: Server;
let port = 0;
const slides = () => path.join(folder, 'slides');

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cytolens-server-'));
  for (const name of ['dist/assets', 'slides/case 1', 'slides/b_files/9', 'slides-secret']) {
    await mkdir(path.join(folder, name), { recursive: true });
  }
  const files: Record<string, string> = {
    'dist/index.html': '<!doctype html>page',
    'dist/assets/app.mjs': 'export {}',
    'dist/assets/ort.wasm': 'wasm',
    'dist/assets/model.onnx': 'onnx',
    'slides/a.szi': '0123456789',
    'slides/case 1/c.szi': 'c',
    'slides/b.dzi': '<Image/>',
    'slides/b_files/9/0_0.jpeg': 'tile',
    'slides/report.pdf': 'private',
    'slides/d.svs': 'aperio',
    'slides/old.mrxs': 'mirax',
    'slides-secret/x.szi': 'secret',
    'secret.szi': 'secret',
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(path.join(folder, name), text);
  }
  await symlink(path.join(folder, 'secret.szi'), path.join(slides(), 'link.szi'));
  await symlink(path.join(folder, 'slides-secret'), path.join(slides(), 'linked'));
  await symlink(path.join(slides(), 'a.szi'), path.join(slides(), 'inside.szi'));
  server = createServer(createHandler({ dist: path.join(folder, 'dist'), slides: slides() }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** By node:http, which sends a path as it is; fetch would tidy up the hostile ones. */
function get(target: string, headers = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: target, headers, method };
    request(options, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    })
      .on('error', reject)
      .end();
  });
}

describe('the page', () => {
  it.each([
    ['/', 'text/html; charset=utf-8'],
    ['/index.html?slide=x', 'text/html; charset=utf-8'],
    ['/assets/app.mjs', 'text/javascript; charset=utf-8'],
    ['/assets/ort.wasm', 'application/wasm'],
    ['/assets/model.onnx', 'application/octet-stream'],
  ])('is served, isolated: %s', async (target, type) => {
    const { status, headers } = await get(target);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': type,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('answers HEAD without a body, 304 to what is unchanged, 405 to POST', async () => {
    const head = await get('/', {}, 'HEAD');
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['content-length']).toBe('19');
    expect((await get('/', { 'If-None-Match': head.headers.etag })).status).toBe(304);
    expect((await get('/', {}, 'POST')).status).toBe(405);
  });

  it('answers to the names of this machine alone', async () => {
    expect((await get('/', { Host: 'evil.example' })).status).toBe(403);
    expect((await get('/', { Host: 'localhost:1234' })).status).toBe(200);
  });
});

describe('byte ranges', () => {
  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=1-2,4-5', 200, '0123456789', undefined],
    ['lines=1-2', 200, '0123456789', undefined],
    ['bytes=5-2', 200, '0123456789', undefined],
  ])('%s', async (range, status, body, contentRange) => {
    const answer = await get('/slides/a.szi', { Range: range });
    expect(answer).toMatchObject({ status, body });
    expect(answer.headers['content-range']).toBe(contentRange);
    const head = await get('/slides/a.szi', { Range: range }, 'HEAD');
    expect(head).toMatchObject({ status, body: '' });
  });

  it.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('past the end: %s', async (range) => {
    const answer = await get('/slides/a.szi', { Range: range });
    expect(answer.status).toBe(416);
    expect(answer.headers['content-range']).toBe('bytes */10');
  });

  it('are ignored for a file that changed meanwhile', async () => {
    const headers = { Range: 'bytes=0-1', 'If-Range': '"other"' };
    expect((await get('/slides/a.szi', headers)).status).toBe(200);
  });

  it('of an empty file do not exist', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRange('bytes=-1', 0)).toBe('unsatisfiable');
    expect(parseRange(undefined, 0)).toBeNull();
  });
});

describe('slides', () => {
  it('are served with their tiles, and nothing else of the folder', async () => {
    expect((await get('/slides/b_files/9/0_0.jpeg')).headers['content-type']).toBe('image/jpeg');
    expect((await get('/slides/case%201/c.szi')).body).toBe('c');
    expect((await get('/slides/inside.szi')).body).toBe('0123456789');
    for (const name of ['report.pdf', 'old.mrxs', 'missing.szi', 'case%201', '']) {
      expect((await get(`/slides/${name}`)).status).toBe(404);
    }
  });

  it.each([
    '/slides/../secret.szi',
    '/slides/%2e%2e/secret.szi',
    '/slides/..%2fsecret.szi',
    '/slides/%2e%2e%2fsecret.szi',
    '/slides/..%5csecret.szi',
    '/slides/b_files/../../secret.szi',
    '/slides/..',
    '/../secret.szi',
    '/%2e%2e/secret.szi',
    '//secret.szi',
    '/slides//etc/x.szi',
    '/slides/a.szi%00.txt',
    '/slides/%',
    '/slides/link.szi',
    '/slides/linked/x.szi',
    '/slides/%252e%252e/secret.szi',
  ])('do not lead out of their folder: %s', async (target) => {
    const answer = await get(target);
    expect([400, 404]).toContain(answer.status);
    expect(answer.body).not.toContain('secret');
  });

  it('are listed: by their catalog, then by name; links out and other files are not', async () => {
    const plain = await get('/slides/catalog.json');
    expect(JSON.parse(plain.body)).toEqual([
      { file: 'a.szi', name: 'a' },
      { file: 'b.dzi', name: 'b' },
      { file: 'case 1/c.szi', name: 'c' },
      { file: 'd.svs', name: 'd' },
      { file: 'inside.szi', name: 'inside' },
    ]);
    const catalog = [
      { file: 'case 1/c.szi', name: 'Case', mpp: 0.25 },
      { file: 'old.mrxs', name: 'Not read' },
      { file: 'gone.szi', name: 'Gone' },
    ];
    await writeFile(path.join(slides(), 'catalog.json'), JSON.stringify(catalog));
    const merged = JSON.parse((await get('/slides/catalog.json')).body);
    expect(merged[0]).toEqual(catalog[0]);
    expect(merged).toHaveLength(5);
  });

  it('are still listed when their catalog has a mistake', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await writeFile(path.join(slides(), 'catalog.json'), '[{"file":"a.szi","mpp":"x"}]');
    expect(JSON.parse((await get('/slides/catalog.json')).body)).toHaveLength(5);
    expect(warn.mock.calls[0][0]).toMatch(/catalog\.json is left out.*entry 1, "mpp"/);
    warn.mockRestore();
  });

  it('are an empty list without a folder', async () => {
    const bare = createServer(createHandler({ dist: folder, slides: null }));
    await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
    const { port: other } = bare.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${other}/slides/catalog.json`);
    expect(await answer.json()).toEqual([]);
    bare.close();
  });
});

describe('segmentsOf', () => {
  it('decodes once and drops query and hash', () => {
    expect(segmentsOf('/a%20b/c.szi?x=/../y#z')).toEqual(['a b', 'c.szi']);
    expect(segmentsOf('/')).toEqual(['']);
    expect(segmentsOf('/.git/config')).toBeNull();
  });
});
