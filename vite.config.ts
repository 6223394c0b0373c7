import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import type { TestUserConfig } from 'vitest/config';

const ORT = 'node_modules/onnxruntime-web/dist';
const ORT_FILES = ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify'].flatMap((name) => [
  `${name}.mjs`,
  `${name}.wasm`,
]);

/** Models and the inference runtime lie beside the app as they are: their hashes are checked. */
function besideTheApp(): Plugin {
  let out: string | null = null;
  return {
    name: 'cytolens-beside-the-app',
    configResolved(config) {
      // Vitest closes a bundle too, of which nothing is written.
      if (config.command === 'build') out = config.build.outDir;
    },
    async closeBundle() {
      if (out === null) return;
      await cp('models', join(out, 'models'), { recursive: true });
      await mkdir(join(out, 'ort'), { recursive: true });
      for (const file of ORT_FILES) await cp(join(ORT, file), join(out, 'ort', file));
    },
    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        const path = decodeURIComponent((request.url ?? '').split('?')[0]);
        const file = path.startsWith('/ort/')
          ? ORT_FILES.find((name) => path === `/ort/${name}`)
          : undefined;
        if (!file) return next();
        response.setHeader(
          'Content-Type',
          file.endsWith('.mjs') ? 'text/javascript' : 'application/wasm',
        );
        response.end(await readFile(join(ORT, file)));
      });
    },
  };
}

const test: TestUserConfig = {
  include: ['src/**/*.test.ts', 'server/**/*.test.ts'],
  // Property tests and decoders share two cores with other suites; a hang still ends.
  testTimeout: 30_000,
  // The HDF5 library prints a page for each of the thousands of damaged files it is given.
  onConsoleLog(_, type, entity) {
    const file = entity?.type === 'module' ? entity : entity?.module;
    return type === 'stdout' || !file?.moduleId.includes('/audit/read/');
  },
};

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig(async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  return {
    // Relative addresses, so that the build works from any folder of any static host.
    base: './',
    plugins: [react(), besideTheApp()],
    // The runtime's .mjs and .wasm stay files of their own (see src/model/backend.web.ts).
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'default'] },
    define: { __VERSION__: JSON.stringify(version) },
    worker: { format: 'es' as const },
    build: { target: 'es2023', chunkSizeWarningLimit: 900 },
    server: { headers: isolation },
    test,
  };
});
