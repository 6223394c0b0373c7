/** The worker's side of audit.ts. Sessions take turns call by call: a question need not wait for a run. */
import type { Ledger } from '../analysis/ledger.ts';
import { CytolensError } from '../core/errors.ts';
import { type Handlers, Transfer } from '../core/rpc.ts';
import type { Kit } from '../model/kit.ts';
import type { Slide } from '../slide/slide.ts';
import type { AuditApi } from './audit.ts';
import { type EncoderAccess, encoderCalls } from './encoder/calls.ts';
import { familiarityOf } from './familiarity.ts';
import { fieldOfView } from './field-of-view.ts';
import { checkStain } from './stain-check.ts';
import { cellsOfField, nearestField, readFieldView, rectOf } from './stress/field.ts';
import { browserJpeg } from './stress/jpeg.ts';
import { stressField } from './stress/stress.ts';

/** What the questions need of the worker. */
export interface AuditAccess extends EncoderAccess {
  /** What is analysed, and the side of a field in level-0 px; null before that. */
  analysed(): { ledger: Ledger; kit: Kit; side: number } | null;
  /** The open slide. */
  slide(): Slide;
}

export function auditCalls(access: AuditAccess): Handlers<AuditApi> {
  function needed() {
    const analysed = access.analysed();
    if (analysed) return analysed;
    throw new CytolensError('no-tissue', 'Nothing is analysed yet. Analyse a view first.');
  }

  return {
    async stress({ at }, { signal, progress }) {
      const { ledger, kit, side } = needed();
      const start = performance.now();
      const field = nearestField(ledger, side, at);
      const rect = rectOf(field, side);
      const view = await readFieldView(access.slide(), rect, kit, signal);
      const report = await stressField(
        kit,
        view,
        cellsOfField(ledger, field, rect, view.px),
        browserJpeg,
        (done, total) => progress({ done, total }),
        signal,
      );
      const who = {
        head: kit.head.manifest.id,
        partner: kit.partner?.manifest.id ?? null,
        ms: performance.now() - start,
      };
      const pictures = [report.picture, ...report.families.map(({ picture }) => picture)];
      return new Transfer(
        { ...report, field: field.id, rect, ...who },
        pictures.map(({ data }) => data.buffer),
      );
    },

    async fieldOfView({ at }, { signal, progress }) {
      const { ledger, kit, side } = needed();
      const { place } = nearestField(ledger, side, at);
      const report = await fieldOfView(
        access.slide(),
        kit,
        { place, side, cells: ledger.cells },
        (done, total) => progress({ done, total }),
        signal,
      );
      const maps = report.sights.map(({ attention }) => attention.buffer);
      return new Transfer(report, maps);
    },

    familiarity() {
      const analysed = access.analysed();
      const bank = analysed?.kit.bank;
      if (!bank) return null;
      const said = familiarityOf(analysed.ledger.fields, analysed.side, bank);
      const { corners, percentile, unfamiliar } = said;
      return new Transfer(said, [corners.buffer, percentile.buffer, unfamiliar.buffer]);
    },

    checkStain: (_, { signal }) => checkStain(access.slide(), signal),

    ...encoderCalls(access),
  };
}
