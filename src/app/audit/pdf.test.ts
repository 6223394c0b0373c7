import { describe, expect, it } from 'vitest';
import { auditEmbeddings } from '../../audit/encoder/encoder-audit.ts';
import { reportRows } from '../../audit/encoder/report.ts';
import { biologyDominant, contested } from '../../audit/testing/worlds.ts';
import { reportPdf } from './pdf.ts';

/** Points of a page below the lower margin, and the texts of a file with where they stand. */
const LOWEST = (12 / 25.4) * 72;

async function textOf(encoders: number) {
  const audit = await auditEmbeddings(biologyDominant(), { title: 'A', name: 'a.csv' });
  const other = await auditEmbeddings(contested(), { title: 'B', name: 'b.csv' });
  const audits = [audit, other, { ...other, title: 'C' }].slice(0, encoders);
  const report = { audits, watts: 15, date: new Date(0), version: '0' };
  const file = await reportPdf(report).text();
  const texts = [...file.matchAll(/\(((?:[^()\\]|\\.)*)\) Tj/g)].map(([, text]) => text);
  const places = [...file.matchAll(/([\d.-]+) ([\d.-]+) Td/g)].map(([, , y]) => Number(y));
  const sizes = [...file.matchAll(/\/F\d+ ([\d.]+) Tf/g)].map(([, size]) => Number(size));
  return { report, file, texts, places, sizes };
}

describe('the report as PDF', () => {
  it('is one page that holds every row, none below its margin', async () => {
    for (const encoders of [1, 3]) {
      const { report, file, texts, places } = await textOf(encoders);
      expect(file.match(/\/Type \/Page\b/g)).toHaveLength(1);
      expect(Math.min(...places)).toBeGreaterThanOrEqual(LOWEST);
      for (const { section, rows } of reportRows(report)) {
        expect(texts).toContain(section);
        for (const { name, cells } of rows) {
          const plain = name.replace(/[()]/g, '\\$&');
          expect(texts).toContain(plain);
          expect(texts.some((text) => text.startsWith(`${plain}: `))).toBe(true);
          const first = (cells[0]?.text ?? '-').split(' ')[0].replace(/[−–]/g, '-');
          expect(texts.filter((text) => text.startsWith(first))).not.toEqual([]);
        }
      }
    }
  });

  it('writes as large as fits', async () => {
    const [one, three] = [await textOf(1), await textOf(3)];
    expect(Math.min(...one.sizes)).toBeGreaterThan(Math.min(...three.sizes));
    expect(Math.min(...one.sizes)).toBeGreaterThan(6.5);
  });
});
