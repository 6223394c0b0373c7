/**
 * The audit of encoders on a folder of labelled tiles, from the command line:
 * `npm run audit -- FOLDER --encoder ID [--encoder ID] [--model FOLDER] [--turned 64] [--out FOLDER]`.
 * The runner, the pixels' reader and the runtime (onnxruntime-web, WASM, one thread) are those of the
 * page, so that both give the same numbers. docs/trust.md says what they are.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embedderOf } from '../src/audit/encoder/embedder.ts';
import { auditEncoder, type EncoderAudit } from '../src/audit/encoder/encoder-audit.ts';
import type { AuditStep } from '../src/audit/encoder/looks.ts';
import { MEASURES } from '../src/audit/encoder/measures.ts';
import { folderTiles } from '../src/audit/encoder/tile-sets.ts';
import { verdictsOf } from '../src/audit/encoder/verdicts.ts';
import { webBackend } from '../src/model/backend.web.ts';
import { type ModelFolder, openFolder } from '../src/model/folder.ts';
import type { EncoderManifest } from '../src/model/manifest.ts';
import { openSession } from '../src/model/session.ts';
import type { LocalFile } from '../src/slide/slide.ts';
import { sharpDecoder } from '../src/slide/testing/data.ts';
import { diskReader } from './backend.node.ts';

const MODELS = resolve(dirname(fileURLToPath(import.meta.url)), '../models');

export interface TilesRun {
  folder: string;
  /** Ids of models that ship, or folders of others. */
  encoders: string[];
  turned?: number;
}

/** One audit an encoder, in their order. Throws CytolensErrors with a sentence. */
export async function auditTiles({ folder, encoders, turned }: TilesRun): Promise<EncoderAudit[]> {
  const files = await filesOf(folder);
  const audits: EncoderAudit[] = [];
  for (const id of encoders) {
    const encoder = await encoderFolder(id);
    const { input } = encoder.manifest;
    const session = await openSession(encoder, webBackend(null), ['wasm']);
    const set = await folderTiles(files, basename(resolve(folder)), input.px * input.mpp, {
      decode: sharpDecoder,
    });
    try {
      audits.push(await auditEncoder(set, embedderOf(session), { turned, onProgress: progress() }));
    } finally {
      set.close();
      await session.release();
    }
  }
  return audits;
}

/** The audits as a Markdown table, a column an encoder, and the rules below. */
export function tableOf(audits: readonly EncoderAudit[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const names = audits.map(({ encoder, set }) => encoder?.id ?? set.name);
  const rules = audits.flatMap((audit, a) =>
    verdictsOf(audit).map(({ rule, passed, text }) => {
      const word = passed === null ? 'not decided' : passed ? 'passed' : 'not passed';
      return `- ${names[a]}: ${rule}: ${word}. ${text}`;
    }),
  );
  return [
    row(['measure', 'scale', ...names]),
    row(['---', '---', ...names.map(() => '---')]),
    ...MEASURES.map(({ name, scale, of }) => {
      const cells = audits.map((audit) => {
        const told = of(audit);
        return told ? `${told.text}${told.interval ? ` (${told.interval})` : ''}` : '-';
      });
      return row([name, scale, ...cells]);
    }),
    '',
    ...rules,
    ...[...new Set(audits.flatMap(({ set }) => set.notes))].map((note) => `- ${note}`),
  ].join('\n');
}

/** Write each audit as JSON into a folder. */
export async function writeAudits(audits: readonly EncoderAudit[], out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  for (const audit of audits) {
    const name = `audit-${audit.encoder?.id ?? audit.set.name}.json`;
    await writeFile(join(out, name), `${JSON.stringify(audit, null, 1)}\n`);
  }
}

/** The folder of an encoder that ships (by its id), or at a path. */
export async function encoderFolder(id: string): Promise<ModelFolder<EncoderManifest>> {
  const where = /[/\\]/.test(id) ? id : join(MODELS, id);
  const folder = await openFolder(diskReader(where), where);
  if (folder.manifest.role === 'encoder') return folder as ModelFolder<EncoderManifest>;
  throw new Error(`${id} is a ${folder.manifest.role}, not an encoder.`);
}

/** Every file below a folder, by path. */
export async function filesOf(folder: string): Promise<LocalFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(
    paths.map(async (path) => ({
      path: relative(folder, path),
      file: new File([await readFile(path)], basename(path)),
    })),
  );
}

/** A line on the terminal, at most one a second. */
function progress(): (step: AuditStep) => void {
  let last = 0;
  return ({ stage, done, total, seconds }) => {
    if (Date.now() - last < 1000) return;
    last = Date.now();
    const left = seconds === null ? '' : `, about ${Math.ceil(seconds)} s left`;
    process.stderr.write(`\r${stage}: ${done} of ${total}${left}      `);
  };
}
