import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { concatBytes } from '../../core/arrays.ts';
import type { Bytes } from '../bytes.ts';
import { directCodec } from '../codecs/codecs.ts';
import { toOpaqueBytes } from '../decode.ts';
import { sharpDecoder } from '../testing/data.ts';
import { firstPart } from './multipart.ts';
import { WHOLE_SLIDE } from './sop.ts';
import { flat } from './testing/write.ts';
import { listSeries, openDicomWeb } from './web.ts';

const TOKEN = 'a-token';
const STUDY = '1.2.3';
const SERIES = '1.2.3.1';
const context = { name: 'a series', facts: {}, codec: directCodec(sharpDecoder) };
const text = (value: string) => Uint8Array.from(Buffer.from(value, 'latin1'));

const value = (vr: string, ...values: unknown[]) => ({ vr, Value: values });
/** An instance of 3 x 2 frames of 8 px, in DICOM JSON. */
const instance = (more: Record<string, unknown> = {}) => ({
  '00080008': value('CS', 'ORIGINAL', 'PRIMARY', 'VOLUME', 'NONE'),
  '00080016': value('UI', WHOLE_SLIDE),
  '00080018': value('UI', '1.2.3.4'),
  '00080060': value('CS', 'SM'),
  '00100010': value('PN', { Alphabetic: 'Doe^Jane' }),
  '0020000D': value('UI', STUDY),
  '0020000E': value('UI', SERIES),
  '0008103E': value('LO', 'Liver'),
  '00209311': value('CS', 'TILED_FULL'),
  '00280002': value('US', 3),
  '00280004': value('CS', 'RGB'),
  '00280008': value('IS', 6),
  '00280010': value('US', 8),
  '00280011': value('US', 8),
  '00280100': value('US', 8),
  '00480006': value('UL', 20),
  '00480007': value('UL', 16),
  '00480105': value('SQ', {
    '00480112': value('DS', 20),
    '00282000': { vr: 'OB', BulkDataURI: 'http://inner:8042/dicom-web/studies/1.2.3/icc' },
  }),
  '52009229': value('SQ', {
    '00289110': value('SQ', { '00280030': value('DS', 0.0005, '0.0005') }),
  }),
  ...more,
});

type Answer = (path: string, request: IncomingMessage, response: ServerResponse) => void;
const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(answer: Answer): Promise<{ service: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace('/dicom-web/', '');
    asked.push(path);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) response.writeHead(401).end();
    else answer(path, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  const { port } = server.address() as AddressInfo;
  return { service: `http://127.0.0.1:${port}/dicom-web`, asked };
}

function multipart(bytes: Bytes, type: string): { type: string; body: Bytes } {
  const head = text(`--x-1\r\nContent-Type: ${type}\r\n\r\n`);
  return {
    type: `multipart/related; type="${type}"; boundary=x-1`,
    body: concatBytes([head, bytes, text('\r\n--x-1--')]),
  };
}

/** A service of one series; `frame` answers for a tile. */
function service(metadata: unknown, frame?: Answer) {
  return serve((path, request, response) => {
    if (path === `studies/${STUDY}/series/${SERIES}/metadata`) {
      response.setHeader('content-type', 'application/dicom+json').end(JSON.stringify(metadata));
    } else if (path.endsWith('/icc')) {
      const { type, body } = multipart(text('a profile'), 'application/octet-stream');
      response.setHeader('content-type', type).end(body);
    } else if (frame && path.includes('/frames/')) frame(path, request, response);
    else response.writeHead(404).end();
  });
}

const plainFrame: Answer = (path, request, response) => {
  expect(request.headers.accept).toMatch(/transfer-syntax=\*/);
  const number = Number(path.split('/').pop());
  const plain = 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1';
  const { type, body } = multipart(flat(8, number), plain);
  response.setHeader('content-type', type).end(body);
};

const open = (address: string, token: string | undefined = TOKEN) =>
  openDicomWeb({ service: address, study: STUDY, series: SERIES, token }, context);

describe('openDicomWeb', () => {
  it('reads a series by its description and its frames, with the token in headers alone', async () => {
    const { service: address, asked } = await service([instance()], plainFrame);
    const slide = await open(address);
    expect(slide.info).toMatchObject({
      name: 'Liver',
      width: 20,
      height: 16,
      mpp: 0.5,
      objective: 20,
    });
    const { data } = toOpaqueBytes(await slide.tile(0, 2, 1));
    expect(data[0]).toBe(6);
    // The profile's address names an inner host; it is asked for at the service itself.
    expect(await slide.iccProfile?.()).toEqual(text('a profile'));
    expect(asked.join(' ')).not.toContain(TOKEN);
    expect(JSON.stringify(slide.info)).not.toMatch(/Jane|1\.2\.3/);
  });

  it('takes a frame that is no multipart, and places sparse frames', async () => {
    const at = (x: number, y: number) => ({
      '0048021A': value('SQ', { '0048021E': value('SL', x), '0048021F': value('SL', y) }),
    });
    const sparse = instance({
      '00209311': value('CS', 'TILED_SPARSE'),
      '00280008': value('IS', 2),
      '52009230': value('SQ', at(9, 9), at(1, 1)),
    });
    const { service: address } = await service([sparse], (path, _, response) => {
      response.setHeader('content-type', 'application/octet-stream');
      response.end(flat(8, 10 * Number(path.split('/').pop())));
    });
    const slide = await open(address);
    const values = await Promise.all(
      [
        [1, 1],
        [0, 0],
        [0, 1],
      ].map(async ([c, r]) => toOpaqueBytes(await slide.tile(0, c, r)).data[0]),
    );
    expect(values).toEqual([10, 20, 255]);
  });

  it.each([
    ['no token', undefined, 'not-found', /asks for a token/],
    ['a wrong token', 'another', 'not-found', /does not accept this token/],
  ])('says of %s what to do', async (_, token, tag, sentence) => {
    const { service: address } = await service([instance()]);
    const source = { service: address, study: STUDY, series: SERIES, ...(token ? { token } : {}) };
    await expect(openDicomWeb(source, context)).rejects.toMatchObject({
      tag,
      message: expect.stringMatching(sentence),
      detail: expect.not.stringMatching(/another|1\.2\.3/),
    });
  });

  it('says that a tile is missing, and that the server is gone', async () => {
    const { service: address } = await service([instance()], (_, __, response) => {
      response.writeHead(404).end();
    });
    const slide = await open(address);
    await expect(slide.tile(0, 0, 0)).rejects.toMatchObject({ tag: 'not-found' });
    for (const server of servers.splice(0)) server.close();
    await expect(slide.tile(0, 0, 0)).rejects.toMatchObject({
      tag: 'network',
      message: expect.stringMatching(/CORS/),
    });
  });

  it.each([
    ['a web page', '<!doctype html>', 'format'],
    ['an object', '{"a": 1}', 'format'],
    ['nothing of use', '[{}]', 'unsupported'],
    ['an empty list', '[]', 'not-found'],
    ['nonsense in it', '[[], 7, null]', 'format'],
  ])('says what is wrong with %s', async (_, body, tag) => {
    const { service: address } = await serve((_path, _request, response) => response.end(body));
    await expect(open(address)).rejects.toMatchObject({ tag });
  });

  it('can be cancelled at any step', async () => {
    const { service: address } = await service([instance()], () => {});
    const slide = await open(address);
    const abort = new AbortController();
    const tile = slide.tile(0, 0, 0, abort.signal);
    abort.abort();
    await expect(tile).rejects.toMatchObject({ tag: 'cancelled' });
  });

  it('lets no identifier become a path', async () => {
    const { service: address, asked } = await service([instance()]);
    const source = { service: address, study: '../admin', series: SERIES, token: TOKEN };
    await expect(openDicomWeb(source, context)).rejects.toMatchObject({ tag: 'not-found' });
    expect(asked).toEqual([]);
  });
});

describe('listSeries', () => {
  it('gives slide series without anything of the patient', async () => {
    const ct = instance({ '00080060': value('CS', 'CT') });
    const { service: address, asked } = await serve((_path, _request, response) =>
      response.end(JSON.stringify([instance({ '00201209': value('IS', 4) }), ct])),
    );
    const [entry, ...rest] = await listSeries(`${address}/`, TOKEN);
    expect(rest).toEqual([]);
    expect(entry).toEqual({
      study: STUDY,
      series: SERIES,
      description: 'Liver',
      modality: 'SM',
      instances: 4,
    });
    expect(asked[0]).toMatch(/^series\?Modality=SM&/);
  });

  it('takes no answer for an empty list', async () => {
    const { service: address } = await serve((_path, _request, response) =>
      response.writeHead(204).end(),
    );
    expect(await listSeries(address, TOKEN)).toEqual([]);
  });

  it.each(['', 'dicom-web', 'ftp://x/y', 'https://jane:secret@x.org/dicom-web'])(
    'refuses "%s" as an address',
    async (address) => {
      const error = await listSeries(address).catch((e) => e);
      expect(error).toMatchObject({ tag: 'format' });
      expect(`${error.message}${error.detail}`).not.toMatch(/secret/);
    },
  );
});

describe('firstPart', () => {
  it('believes the length more than what looks like a boundary', () => {
    const bytes = text('ab\r\n--b\r\ncd');
    const body = concatBytes([
      text(`--b\r\nContent-Length: ${bytes.length}\r\n\r\n`),
      bytes,
      text('\r\n--b--'),
    ]);
    expect(firstPart('multipart/related; boundary="b"', body).bytes).toEqual(bytes);
  });

  it('fails where a part does not end', () => {
    const cut = text('--b\r\nContent-Type: image/jpeg\r\n\r\nabc');
    expect(() => firstPart('multipart/related; boundary=b', cut)).toThrow(/damaged/);
    expect(() => firstPart('multipart/related; boundary=b', text('--b'))).toThrow(/damaged/);
  });
});
