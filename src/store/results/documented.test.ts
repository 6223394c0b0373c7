import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { outline } from '../../core/cells.ts';
import { testEvidence, testField, testHead, testIndex } from './testing/fields.ts';
import { memoryFiles } from './testing/memory.ts';
import { ResultWriter } from './writer.ts';

const FIELDS = 4;

/** What the test asks of the documented reader: the numbers of every field as JSON. */
const ASK = `
import sys
index = json.loads((Path(sys.argv[1]) / "index.json").read_bytes())
answer = []
for line, table, attention, contribution, vectors in fields(sys.argv[1]):
    OUTLINE
    answer.append({"logit": line["logit"], "x": table["x"].ravel().tolist(),
        "radii": table["radii"].ravel().tolist(), "type": table["type"].ravel().tolist(),
        "confidence": table["confidence"].ravel().tolist(), "area": table["area"].ravel().tolist(),
        "attention": attention.tolist(), "contribution": contribution.tolist(),
        "tokens": None if vectors is None else vectors.astype(float).ravel().tolist(),
        "outline": outline.reshape(-1, 64).tolist()})
print(json.dumps(answer))
`;

describe('docs/results-format.md', () => {
  it('reads a folder with numpy as it says', async (context) => {
    if (!hasNumpy()) return context.skip('python3 with numpy is not installed');
    const folder = await mkdtemp(path.join(tmpdir(), 'cytolens-'));
    for (const [name, bytes] of await someResults())
      await writeFile(path.join(folder, name), bytes);
    const page = await readFile('docs/results-format.md', 'utf8');
    const [reader, outlines] = [...page.matchAll(/```python\n(.*?)```/gs)].map(([, code]) => code);
    const ask = ASK.replace('OUTLINE', outlines.trimEnd().replaceAll('\n', '\n    '));
    const options = { encoding: 'utf8' } as const;
    const answer = execFileSync('python3', ['-c', reader + ask, folder], options);
    const read: Record<string, unknown>[] = JSON.parse(answer);
    expect(read).toHaveLength(FIELDS);
    for (const [i, { outline: outlines, ...numbers }] of read.entries()) {
      const { cells, tokens, logit, attention, contribution } = testField(i, i, i !== 2);
      expect(numbers).toEqual({
        logit,
        x: [...cells.x.subarray(0, i)],
        radii: [...cells.radii.subarray(0, i * 32)],
        type: [...cells.type.subarray(0, i)],
        confidence: [...cells.confidence.subarray(0, i)],
        area: [...cells.area.subarray(0, i)],
        attention: [...attention],
        contribution: [...contribution],
        tokens: tokens && [...tokens.classToken, ...tokens.patchTokens],
      });
      for (const [c, points] of (outlines as number[][]).entries()) {
        outline(cells, c).forEach((value, k) => {
          expect(points[k]).toBeCloseTo(value, 2);
        });
      }
    }
  });
});

async function someResults() {
  const files = memoryFiles();
  const writer = await ResultWriter.create(files, testIndex());
  // The first field has no cells, the third no tokens.
  for (let i = 0; i < FIELDS; i++) writer.add(testField(i, i, i !== 2));
  await writer.setHead(testHead('b'));
  writer.answer(1, testEvidence(9));
  return files.bytes;
}

function hasNumpy(): boolean {
  try {
    execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
