/** Gene sets are asked of analysed fields of the built-in slide. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { start } from './page.ts';

const FIELD = 448;
/** Nine fields: an interval needs five. */
const REGION = { x: 46 * FIELD, y: 59 * FIELD, w: 3 * FIELD, h: 3 * FIELD };
const T_CELLS = 'CD2 CD3D CD3E CD4 CD52 CD8A CCL5 CORO1A GZMA GZMK IL7R LCK NKG7 PTPRC';

test('asks for a Hallmark set and a pasted set, and refuses a bad one', async ({ page }) => {
  await start(page);
  await page.evaluate(async (region) => {
    window.cytolens.view(region);
    await window.cytolens.analyse({ region });
  }, REGION);
  await page.getByRole('tab', { name: 'Genes' }).click();
  const ask = page.getByRole('button', { name: 'Ask', exact: true });
  await expect(ask).toBeDisabled();

  // A set that H&E could show, on the patient left out.
  await page.getByRole('searchbox', { name: 'Gene set' }).fill('oxidative');
  await page.getByRole('button', { name: /Oxidative phosphorylation/ }).click();
  await expect(page.getByTestId('matched')).toContainText('knows 196 of 200 genes');
  await ask.click();
  const answer = page.getByRole('region', { name: 'Answer' });
  await expect(answer).toContainText('ssGSEA, ranks. Mean over 9 fields');
  await expect(answer).not.toContainText('not readable');
  const legend = page.getByRole('region', { name: 'Legend of the gene set map' });
  await expect(legend).toContainText('predicted ssGSEA (predictor), ranks');
  await expect(page.getByTestId('who')).toContainText(
    'Trained on patient C of HER2-positive breast carcinoma; tested on patient B, whom it never saw.',
  );
  await expect.poll(() => drawn(page)).toBe(true);

  // One that it could not.
  await page.evaluate(() => window.cytolens.prompt('HALLMARK_HYPOXIA'));
  await expect(legend).toContainText('not readable from H&E in our data');

  // Genes of one's own, and two prompts compared.
  await page.getByRole('button', { name: /Set aside/ }).click();
  await page.getByRole('button', { name: 'Paste genes' }).click();
  await page.getByRole('textbox', { name: 'Genes' }).fill(T_CELLS);
  await ask.click();
  await expect(answer).toContainText('not tested: no held-out figure for this set');
  await expect(page.getByRole('region', { name: 'Compare' })).toContainText('Spearman');
  await page.getByRole('button', { name: 'A − B' }).click();
  await expect(legend).toContainText('SDs from each slide mean');
  const map = page.getByRole('region', { name: 'Map on the slide' });
  await map.getByRole('button', { name: 'Cells' }).click();
  await expect(map).toContainText('unvalidated spatial projection');
  await expect(page.getByRole('region', { name: 'Legend', exact: true })).toContainText(
    'unvalidated spatial projection',
  );
  await map.getByRole('button', { name: 'Off' }).click();
  await expect.poll(() => drawn(page)).toBe(false);

  // Ensembl ids and aliases.
  await page.getByRole('textbox', { name: 'Genes' }).fill('ENSG00000141736.18, CD340, Ki-67');
  await expect(page.getByTestId('matched')).toContainText('Read as another name: 2');

  // What a spreadsheet has made of gene names.
  await page.getByRole('textbox', { name: 'Genes' }).fill('MAR-01, 1-Mar, DEC-31, CD3D');
  await expect(page.getByRole('alert')).toContainText('A spreadsheet has turned gene names into');
  await expect(ask).toBeDisabled();
});

test('answers a script with scores of fields, and writes them with their provenance', async ({
  page,
}) => {
  await start(page);
  const said = await page.evaluate(
    async ({ region, genes }) => {
      await window.cytolens.analyse({ region });
      const one = await window.cytolens.prompt(genes);
      const csv = await window.cytolens.exportScores('csv').text();
      const refused = await window.cytolens.prompt(['CD3D']).catch((error) => error);
      const { fields, rows, predictor, of, side } = one;
      return {
        fields: fields.length,
        of,
        side,
        finite: [...rows.predictor, ...rows.knn].every(Number.isFinite),
        mean: [...rows.predictor].reduce((sum, v) => sum + v, 0) / fields.length,
        told: predictor.mean,
        csv,
        refused: { tag: refused.tag, message: refused.message },
      };
    },
    { region: REGION, genes: T_CELLS },
  );
  expect(said).toMatchObject({ fields: 9, of: 9, side: FIELD, finite: true });
  expect(said.told).toBeCloseTo(said.mean, 3);
  expect(said.refused).toMatchObject({ tag: 'format' });
  expect(said.refused.message).toContain('needs at least 10');
  const [provenance, header, ...rows] = said.csv.trimEnd().split('\n');
  expect(JSON.parse(provenance.slice(2)).model.id).toBe('molecular-c');
  expect(header).toContain('predictor,soft_knn');
  expect(rows).toHaveLength(9);
});

/** Counts of 40 made-up samples, genes as rows, over the genes that the model knows. */
function ownCounts(): string {
  const file = new URL('../models/molecular-c/vocabulary.json', import.meta.url);
  const genes: string[] = JSON.parse(readFileSync(file, 'utf8')).genes.split(' ');
  const samples = Array.from({ length: 40 }, (_, s) => s);
  const rows = genes.map((gene, g) =>
    [gene, ...samples.map((s) => Math.max(((s * s * 131 + g * 7919) % 97) - 80, 0))].join(','),
  );
  return [['gene', ...samples.map((s) => `s${s}`)].join(','), ...rows].join('\n');
}

test('answers from a library of one’s own, keeps it, and refuses a panel', async ({ page }) => {
  await start(page);
  await page.evaluate(async (region) => window.cytolens.analyse({ region }), REGION);
  await page.getByRole('tab', { name: 'Genes' }).click();
  const library = page.getByRole('region', { name: 'Library', exact: true });
  await expect(library).toContainText('241 prototypes of 3,920 spots');
  const T = T_CELLS.split(' ');
  const before = await page.evaluate((genes) => window.cytolens.prompt(genes), T);
  expect(before.library).toBeNull();

  const open = (name: string, text: string) =>
    library
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await open('mine.csv', ownCounts());
  await expect(library).toContainText('mine: 40 samples');
  await expect(library).toContainText('5,000 of 5,000 (100 %)');
  const answer = page.getByRole('region', { name: 'Answer' });
  await expect(answer).toContainText('not tested: library of your own, mine');
  await expect(answer).toContainText('mine 100 %');
  const after = await page.evaluate((genes) => window.cytolens.prompt(genes), T);
  expect(after.library).toBe('mine');
  expect(after.predictor.mean).toBeCloseTo(before.predictor.mean, 3);
  expect(after.knn.mean).not.toBeCloseTo(before.knn.mean, 0);

  await open('panel.csv', 'gene,s1,s2\nENSG00000141736,3,4\nESR1,2,1\n');
  await expect(library.getByRole('alert')).toContainText('lists 2 of the 5,000 genes');
  await expect(library).toContainText('mine: 40 samples');

  await start(page);
  await page.getByRole('tab', { name: 'Genes' }).click();
  await expect(library).toContainText('mine: 40 samples');
  await library.getByRole('button', { name: 'The model’s prototypes' }).click();
  await expect(library).toContainText('241 prototypes of 3,920 spots');
});

/** Whether anything is on the canvas of the map. */
function drawn(page: import('@playwright/test').Page): Promise<boolean> {
  return page.getByTestId('prompt-map').evaluate((canvas: HTMLCanvasElement) => {
    if (canvas.hidden) return false;
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels?.some((value) => value > 0) ?? false;
  });
}
