/** The real section B4, read as the viewer reads it, against the numbers of the training code. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dataFile } from '../../slide/testing/data.ts';
import { GeneNames } from '../gene-names.ts';
import { matchGenes, parseCollection } from '../genesets.ts';
import { ssgsea } from '../ssgsea.ts';
import { profilesOver } from './counts.ts';
import { placesIn } from './kept.ts';
import { readSpots } from './read.ts';

const root = new URL('../../../', import.meta.url);
const json = (path: string) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));
const local = (path: string) => ({
  path,
  file: new File([readFileSync(path)], path.split('/').pop() ?? ''),
});

const counts = dataFile('spatial/her2st/counts/B4.tsv.gz');
const spots = dataFile('spatial/her2st/spots/B4.tsv');

describe.skipIf(!counts || !spots)('section B4', () => {
  it('has the scale and the measured scores that Python finds', async () => {
    const reference = json('e2e/b4-reference.json');
    const symbols: string[] = json('models/molecular-c/vocabulary.json').genes.split(' ');
    const table = await readSpots({
      files: [local(counts as string), local(spots as string)],
      frame: { width: 9300, height: 9950, mpp: null },
      known: symbols,
    });
    expect(table).toMatchObject({ layout: 'her2st', name: 'B4' });
    expect(table.mpp).toBeCloseTo(reference.mpp, 3);

    const names = new GeneNames(symbols);
    const hallmark = parseCollection(json('public/genesets/hallmark.json'));
    const asked = Object.keys(reference.sets);
    const sets = asked.map((name) => {
      const own = hallmark.sets.find((set) => set.name === name);
      return matchGenes(own?.genes ?? reference.pasted, names).places;
    });
    const profiles = profilesOver(table.counts, placesIn(table.counts, symbols));
    const scores = await ssgsea({ genes: symbols.length, values: profiles }, sets);
    const even = table.counts.spots.flatMap((name, i) =>
      name.split('x').every((place) => Number(place) % reference.step === 0) ? [i] : [],
    );
    expect(even).toHaveLength(reference.spots);
    asked.forEach((name, s) => {
      const mean = even.reduce((sum, i) => sum + scores[i * sets.length + s], 0) / even.length;
      expect(mean).toBeCloseTo(reference.sets[name].measured_mean, 3);
    });
  });
});
