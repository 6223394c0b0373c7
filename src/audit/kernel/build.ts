/** Compiles products.wat: `npm run kernel` writes bytes.ts, and a test compares the two. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import wabt from 'wabt';

/** The compiled kernel, base64. */
export async function compileKernel(): Promise<string> {
  const { parseWat } = await wabt();
  const source = await readFile(join(import.meta.dirname, 'products.wat'), 'utf8');
  const module = parseWat('products.wat', source, { simd: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  return Buffer.from(buffer).toString('base64');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const lines = ((await compileKernel()).match(/.{1,92}/g) ?? []).map((line) => `  '${line}'`);
  const text = `/** products.wat, compiled by \`npm run kernel\`; base64. */\nexport const KERNEL =\n${lines.join(' +\n')};\n`;
  await writeFile(join(import.meta.dirname, 'bytes.ts'), text);
}
