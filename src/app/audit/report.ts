/** Reports of an audit as files. The writer of PDFs is loaded when one is asked for. */
import { type AuditReport, reportHtml } from '../../audit/encoder/report.ts';
import type { ReportFormat } from './state.ts';

/** Throws what the loading of the writer throws. */
export async function reportBlob(
  format: ReportFormat,
  facts: Omit<AuditReport, 'version'>,
): Promise<Blob> {
  const report = { ...facts, version: __VERSION__ };
  switch (format) {
    case 'json': {
      const { version, date, audits } = report;
      const text = JSON.stringify({ cytolens: version, date: date.toISOString(), audits }, null, 1);
      return new Blob([text], { type: 'application/json' });
    }
    case 'html':
      return new Blob([reportHtml(report)], { type: 'text/html' });
    case 'pdf':
      return (await import('./pdf.ts')).reportPdf(report);
  }
}
