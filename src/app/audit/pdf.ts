/** The report of an audit on one A4 page. */
import { jsPDF } from 'jspdf';
import {
  type AuditReport,
  passedWord,
  reportFacts,
  reportRows,
} from '../../audit/encoder/report.ts';
import { verdictsOf } from '../../audit/encoder/verdicts.ts';

/** A4, mm. */
const PAGE = { width: 210, height: 297, margin: 12 };
/** The columns of names and scales, mm. */
const NAME = 52;
const SCALE = 40;
/** Line height as a share of the type's size; 1 pt in mm. */
const LEADING = 1.22;
const POINT = 0.3528;

export function reportPdf(report: AuditReport): Blob {
  // What does not fit is made smaller as a whole, so that a report is always one page.
  for (let scale = 1; ; scale *= 0.95) {
    const sheet = new Sheet(scale);
    write(sheet, report);
    if (sheet.fits || scale < 0.4) return sheet.blob();
  }
}

function write(sheet: Sheet, report: AuditReport): void {
  const { audits } = report;
  sheet.line('Encoder audit', { size: 15, bold: true });
  for (const audit of audits) {
    for (const { rule, passed, text } of verdictsOf(audit)) {
      sheet.line(`${audit.title}: ${passedWord(passed)}. ${rule}: ${text}`, { size: 8 });
    }
  }
  sheet.gap(2);
  const width = (PAGE.width - 2 * PAGE.margin - NAME - SCALE) / Math.max(1, audits.length);
  const columns = [0, NAME, ...audits.map((_, i) => NAME + SCALE + i * width)];
  const widths = [NAME, SCALE, ...audits.map(() => width)];
  sheet.row(['Measure', 'Scale', ...audits.map(({ title }) => title)], columns, widths, true);
  for (const { section, rows } of reportRows(report)) {
    sheet.row([section], [0], [PAGE.width - 2 * PAGE.margin], true);
    for (const { name, scale, cells } of rows) {
      const told = cells.map((cell) =>
        cell ? `${cell.text}${cell.interval ? ` (${cell.interval})` : ''}` : '-',
      );
      sheet.row([name, scale, ...told], columns, widths, false);
    }
  }
  sheet.gap(2);
  for (const fact of reportFacts(report)) sheet.line(fact, { size: 6.5 });
  sheet.gap(1.5);
  const definitions = reportRows(report).flatMap(({ rows }) =>
    rows.map(({ name, about }) => `${name}: ${about}`),
  );
  sheet.line(definitions.join(' '), { size: 5.5 });
}

/** A page that is written from the top down. Sizes in pt, lengths in mm, all times `scale`. */
class Sheet {
  private readonly file = new jsPDF({ unit: 'mm', format: 'a4' });
  private y = PAGE.margin;

  constructor(private readonly scale: number) {}

  get fits(): boolean {
    return this.y <= PAGE.height - PAGE.margin;
  }

  gap(mm: number): void {
    this.y += mm * this.scale;
  }

  line(text: string, { size, bold = false }: { size: number; bold?: boolean }): void {
    this.cell(text, 0, PAGE.width - 2 * PAGE.margin, size, bold);
    this.y += this.height(text, PAGE.width - 2 * PAGE.margin, size);
  }

  row(
    texts: readonly string[],
    columns: readonly number[],
    widths: readonly number[],
    bold: boolean,
  ): void {
    const size = 7;
    const inner = widths.map((width) => width - 2);
    texts.forEach((text, i) => {
      this.cell(text, columns[i], inner[i], size, bold);
    });
    this.y += Math.max(...texts.map((text, i) => this.height(text, inner[i], size)));
  }

  blob(): Blob {
    return this.file.output('blob');
  }

  private cell(text: string, x: number, width: number, size: number, bold: boolean): void {
    const lines = this.broken(text, width, size, bold);
    this.file.text(lines, PAGE.margin + x, this.y + size * this.scale * POINT, {
      lineHeightFactor: LEADING,
    });
  }

  private height(text: string, width: number, size: number): number {
    return this.broken(text, width, size, false).length * size * this.scale * POINT * LEADING;
  }

  private broken(text: string, width: number, size: number, bold: boolean): string[] {
    this.file.setFont('helvetica', bold ? 'bold' : 'normal');
    this.file.setFontSize(size * this.scale);
    return this.file.splitTextToSize(plain(text), width);
  }
}

/** The standard fonts of PDF know Latin-1 alone. */
function plain(text: string): string {
  return text.replace(/[−–]/g, '-').replace(/’/g, "'").replace(/μ/g, 'µ');
}
