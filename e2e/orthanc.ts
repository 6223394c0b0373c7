/**
 * A real DICOMweb server for journeys: Debian's Orthanc, behind a small proxy that does what Orthanc
 * leaves to others: it lets other sites read (CORS) and asks for a bearer token.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { canInstall, installPackages } from './debian.ts';

const PROGRAM = '/usr/sbin/Orthanc';
const DICOMWEB = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';
const START_MS = 30_000;

export interface Orthanc {
  /** Address of the DICOMweb service, as a person would enter it. */
  service: string;
  /** Paths that were asked for, queries with them. */
  requests: string[];
  close(): Promise<void>;
}

export function hasOrthanc(): boolean {
  return existsSync(PROGRAM) && existsSync(DICOMWEB);
}

/** Installs Orthanc where that is possible; journeys that need it skip themselves elsewhere. */
export function ensureOrthanc(): void {
  if (hasOrthanc() || !canInstall()) return;
  console.log('No Orthanc found: installing the Debian packages.');
  try {
    installPackages(['orthanc', 'orthanc-dicomweb']);
  } catch (error) {
    console.warn(`Orthanc could not be installed: ${error}`);
  }
}

/** Start with an empty folder of its own, and send it these files. */
export async function startOrthanc(files: readonly Uint8Array[], token: string): Promise<Orthanc> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cytolens-orthanc-'));
  const port = await freePort();
  const settings = {
    Name: 'Cytolens tests',
    StorageDirectory: folder,
    IndexDirectory: folder,
    HttpPort: port,
    DicomServerEnabled: false,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    Plugins: [DICOMWEB],
    DicomWeb: { Enable: true, Root: '/dicom-web/' },
  };
  const configuration = path.join(folder, 'orthanc.json');
  await writeFile(configuration, JSON.stringify(settings));
  const orthanc = spawn(PROGRAM, [configuration], { stdio: 'ignore' });
  await answers(orthanc, `http://127.0.0.1:${port}/system`);
  for (const body of files) {
    const url = `http://127.0.0.1:${port}/instances`;
    const { ok, status } = await fetch(url, { method: 'POST', body: new Uint8Array(body) });
    if (!ok) throw new Error(`Orthanc does not take an instance: HTTP ${status}`);
  }

  const requests: string[] = [];
  const proxy = createServer((asked, reply) => {
    requests.push(asked.url ?? '');
    forward(asked, reply, port, token);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    service: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/dicom-web`,
    requests,
    async close() {
      proxy.close();
      proxy.closeAllConnections();
      orthanc.kill();
      await new Promise((resolve) => orthanc.once('exit', resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function forward(asked: IncomingMessage, reply: ServerResponse, port: number, token: string): void {
  reply.setHeader('Access-Control-Allow-Origin', '*');
  reply.setHeader('Access-Control-Allow-Headers', 'Authorization, Accept');
  reply.setHeader('Access-Control-Max-Age', '600');
  if (asked.method === 'OPTIONS') {
    reply.writeHead(204).end();
    return;
  }
  if (asked.headers.authorization !== `Bearer ${token}`) {
    reply.writeHead(401).end();
    return;
  }
  const { accept } = asked.headers;
  const inner = request(
    { host: '127.0.0.1', port, path: asked.url, method: asked.method, headers: { accept } },
    (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    },
  );
  inner.on('error', () => reply.writeHead(502).end());
  inner.end();
}

async function answers(program: ChildProcess, url: string): Promise<void> {
  const end = Date.now() + START_MS;
  while (Date.now() < end) {
    if (program.exitCode !== null) throw new Error(`Orthanc ended with code ${program.exitCode}`);
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    await wait(100);
  }
  program.kill();
  throw new Error('Orthanc did not start');
}

async function freePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}
