/** `npm start`: build if needed, serve the page and a folder of slides on this machine, open it. */
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfStale } from './build.ts';
import { listen, UsageError } from './listen.ts';
import { createHandler } from './serve.ts';
import { listSlides } from './slides.ts';

const HELP = `Cytolens, served on this machine alone.

  npm start -- [--slides FOLDER] [--port NUMBER] [--no-open]

  --slides FOLDER  show the slides of this folder (.szi, .svs, .tif, .dcm, ...); they stay on this machine
  --port NUMBER    port to serve on (5173; the next free one when it is taken)
  --no-open        do not open a browser
  --help           show this text
`;
const DEFAULT_PORT = 5173;

interface Options {
  slides: string | null;
  port: number;
  open: boolean;
}

function readOptions(args: string[]): Options | null {
  let values: { slides?: string; port?: string; 'no-open'?: boolean; help?: boolean };
  try {
    values = parseArgs({
      args,
      options: {
        slides: { type: 'string' },
        port: { type: 'string' },
        'no-open': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${HELP}`);
  }
  if (values.help) return null;
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new UsageError(`--port is "${values.port}", but must be a number from 1 to 65535.`);
  }
  return { slides: slidesFolder(values.slides), port, open: !values['no-open'] };
}

function slidesFolder(value: string | undefined): string | null {
  if (value === undefined) return null;
  const folder = path.resolve(value);
  if (!existsSync(folder)) {
    throw new UsageError(`There is no folder ${folder}. Give --slides a folder that exists.`);
  }
  if (!statSync(folder).isDirectory()) {
    throw new UsageError(`${folder} is a file. Give --slides the folder that it lies in.`);
  }
  return folder;
}

function openBrowser(url: string): void {
  const { platform, env } = process;
  if (env.CI || (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY)) return;
  const [command, args] =
    platform === 'darwin'
      ? ['open', [url]]
      : platform === 'win32'
        ? ['cmd', ['/c', 'start', '', url]]
        : ['xdg-open', [url]];
  // The address is printed anyway, so a machine without such a command loses nothing.
  spawn(command as string, args as string[], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (!options) {
    console.log(HELP);
    return;
  }
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
  await buildIfStale(root);
  const site = { dist: path.join(root, 'dist'), slides: options.slides };
  const server = createServer(createHandler(site));
  const port = await listen(server, options.port);
  // Not "localhost": where that means ::1 first, another program may listen there.
  const url = `http://127.0.0.1:${port}/`;
  console.log(`Cytolens is at ${url} (stop it with Ctrl+C)`);
  if (options.slides) {
    const { length } = await listSlides(options.slides);
    console.log(`${length} ${length === 1 ? 'slide' : 'slides'} in ${options.slides}`);
  }
  if (options.open) openBrowser(url);
}

main().catch((error) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exit(1);
});
