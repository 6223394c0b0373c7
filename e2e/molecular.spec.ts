/** Gene sets are asked of analysed fields of the built-in slide. */
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
  expect(await drawn(page)).toBe(true);

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
  expect(await drawn(page)).toBe(false);

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

/** Whether anything is on the canvas of the map. */
function drawn(page: import('@playwright/test').Page): Promise<boolean> {
  return page.getByTestId('prompt-map').evaluate((canvas: HTMLCanvasElement) => {
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels?.some((value) => value > 0) ?? false;
  });
}
