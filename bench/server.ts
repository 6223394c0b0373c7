/** The local server of `npm start`, on a port of its own, with the shared slides if they exist. */
import { spawn } from 'node:child_process';
import { dataFile } from '../src/slide/testing/data.ts';

const PORT = 4598;

export async function startServer(): Promise<{ url: string; stop(): void }> {
  const slides = dataFile('slides');
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      'server/start.ts',
      '--no-open',
      '--port',
      String(PORT),
      ...(slides ? ['--slides', slides] : []),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(chunk.toString());
      if (found) resolve(found[0]);
    });
    child.on('exit', (code) => reject(new Error(`the server ended with code ${code}`)));
  });
  return { url, stop: () => child.kill() };
}
