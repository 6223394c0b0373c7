/** Commands that write the scores of fields into files. */
import { CytolensError, toCytolensError } from '../../core/errors.ts';
import {
  fieldScoresCsv,
  fieldScoresParquet,
  scoreProvenance,
} from '../../store/export/field-scores.ts';
import { download, fileName, pickTarget } from '../files.ts';
import { openName, shownName } from '../names.ts';
import { getState, report } from '../state.ts';
import type { Prompting } from './prompting.ts';

export type FieldFormat = 'csv' | 'parquet';

const MIME: Record<FieldFormat, string> = {
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
};

export class FieldExports {
  constructor(private readonly prompting: Prompting) {}

  /** The scores of the last answer. Throws `no-tissue` when nothing was asked. */
  exportAs(format: FieldFormat): Blob {
    const { a } = this.prompting.answers;
    const { slide, molecular } = getState();
    const { alignment } = molecular;
    if (!a || !slide?.mpp || !alignment) {
      throw new CytolensError('no-tissue', 'Nothing to export yet. Ask for a gene set first.');
    }
    const provenance = scoreProvenance(
      __VERSION__,
      { id: slide.info.id, name: shownName(slide), mpp: slide.mpp },
      alignment,
      a.prompt,
      a.library === null ? null : alignment.ownLibrary,
      new Date(),
    );
    const file =
      format === 'csv' ? fieldScoresCsv(a, provenance) : fieldScoresParquet(a, provenance);
    return new Blob([file], { type: MIME[format] });
  }

  /** Save them where the user says. */
  async saveShown(format: FieldFormat): Promise<void> {
    try {
      const blob = this.exportAs(format);
      const name = fileName(openName(), `-gene-set.${format}`);
      const target = await pickTarget(name, MIME[format]);
      if (!target) return download(blob, name);
      const writable = await target.createWritable();
      await writable.write(blob);
      await writable.close();
    } catch (error) {
      report(toCytolensError(error));
    }
  }
}
