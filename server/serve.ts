/** The HTTP side of the local server: one page, its files and the slides of one folder. */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { listSlides, mayServe } from './slides.ts';

export interface Site {
  /** Folder of the built page. */
  dist: string;
  /** Folder of slides, or null for none. */
  slides: string | null;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.gif': 'image/gif',
  '.bmp': 'image/bmp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
  '.dzi': 'application/xml',
};

// Isolation gives WebAssembly its threads, and keeps other sites from embedding what is served.
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
};

/** Answers GET and HEAD; everything else is 405. Never throws. */
export function createHandler(site: Site): RequestListener {
  return (request, response) => {
    answer(site, request, response).catch((error) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'The local server failed on this request; see its window.');
    });
  };
}

async function answer(site: Site, request: IncomingMessage, response: ServerResponse) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, 'Only GET and HEAD are answered.', { Allow: 'GET, HEAD' });
    return;
  }
  // A foreign name that was pointed at 127.0.0.1 would otherwise let that site read the slides.
  if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/i.test(request.headers.host ?? '')) {
    refuse(response, 403, 'This server answers to localhost alone.');
    return;
  }
  const segments = segmentsOf(request.url ?? '/');
  if (!segments) {
    refuse(response, 400, 'This address is malformed.');
    return;
  }
  if (segments[0] === 'slides') {
    const rest = segments.slice(1);
    if (rest.join('/') === 'catalog.json') {
      sendJson(request, response, site.slides ? await listSlides(site.slides) : []);
    } else if (site.slides && mayServe(rest)) {
      await sendFile(request, response, site.slides, rest);
    } else notFound(response);
    return;
  }
  const page = segments.length === 0 || segments.at(-1) === '';
  await sendFile(
    request,
    response,
    site.dist,
    page ? [...segments.slice(0, -1), 'index.html'] : segments,
  );
}

/**
 * The parts of an address's path, each decoded once. Null for what cannot name a file below a
 * folder: "..", hidden names, encoded slashes, NUL, broken encoding.
 */
export function segmentsOf(url: string): string[] | null {
  const raw = url
    .replace(/[?#].*$/s, '')
    .split('/')
    .slice(1);
  try {
    const segments = raw.map(decodeURIComponent);
    const sane = segments.every(
      (s, i) => !/[/\\\0]/.test(s) && !s.startsWith('.') && (s !== '' || i === raw.length - 1),
    );
    return sane ? segments : null;
  } catch {
    return null;
  }
}

/** The file's true path when it exists and truly lies below `root`, links followed; else null. */
async function resolveBelow(root: string, segments: string[]): Promise<string | null> {
  try {
    const [base, file] = await Promise.all([
      realpath(root),
      realpath(path.join(root, ...segments)),
    ]);
    return file.startsWith(base + path.sep) ? file : null;
  } catch {
    return null;
  }
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  root: string,
  segments: string[],
): Promise<void> {
  const file = await resolveBelow(root, segments);
  const info = file ? await stat(file) : null;
  if (!file || !info?.isFile()) {
    notFound(response);
    return;
  }
  const etag = `"${info.size.toString(16)}-${Math.round(info.mtimeMs).toString(16)}"`;
  const headers = {
    ...HEADERS,
    ETag: etag,
    'Accept-Ranges': 'bytes',
    'Content-Type': TYPES[path.extname(file).toLowerCase()] ?? 'application/octet-stream',
  };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const condition = request.headers['if-range'];
  const wanted = condition && condition !== etag ? undefined : request.headers.range;
  const range = parseRange(wanted, info.size);
  if (range === 'unsatisfiable') {
    refuse(response, 416, 'The file ends before this range.', {
      'Content-Range': `bytes */${info.size}`,
    });
    return;
  }
  const { start, end } = range ?? { start: 0, end: info.size - 1 };
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'Content-Length': end - start + 1,
    ...(range && { 'Content-Range': `bytes ${start}-${end}/${info.size}` }),
  });
  if (request.method === 'HEAD' || end < start) response.end();
  // A reader that goes away in the middle is the usual end of a cancelled tile, not a fault.
  else pipeline(createReadStream(file, { start, end }), response, () => {});
}

/**
 * One range of a Range header, both ends included. Null to send everything, which RFC 9110 allows
 * for what is malformed or for several ranges.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  if (match[1] === '') {
    const last = Number(match[2]);
    if (last === 0 || size === 0) return 'unsatisfiable';
    return { start: Math.max(0, size - last), end: size - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[2] !== '' && Number(match[2]) < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end };
}

function sendJson(request: IncomingMessage, response: ServerResponse, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, {
    ...HEADERS,
    'Content-Type': TYPES['.json'],
    'Content-Length': body.length,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function notFound(response: ServerResponse): void {
  refuse(response, 404, 'There is no file at this address.');
}

function refuse(
  response: ServerResponse,
  status: number,
  sentence: string,
  more: Record<string, string> = {},
): void {
  response.writeHead(status, { ...HEADERS, ...more, 'Content-Type': TYPES['.txt'] });
  response.end(`${sentence}\n`);
}
