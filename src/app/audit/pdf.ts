/** The report of an audit on one A4 page. */
import {
  type AuditReport,
  passedWord,
  type ReportCell,
  reportFacts,
  reportRows,
} from '../../audit/encoder/report.ts';
import { verdictsOf } from '../../audit/encoder/verdicts.ts';
import { type Cell, INK, INNER, Sheet } from './sheet.ts';

/** The largest scale that is tried, how much smaller the next is, and where it ends. */
const SCALES = { most: 1.2, step: 0.97, least: 0.4 };
/** Sizes of type at scale 1, pt. */
const TYPE = { title: 17, rules: 9, table: 8.5, facts: 7.5, notes: 7 };
/** Columns of the table: section, measure and scale; the encoders share the rest. mm at scale 1. */
const COLUMNS = { section: 47, measure: 52, scale: 38 };
/** Columns of the rules, mm at scale 1. */
const RULE = 66;
const VERDICT = 23;
/** Between two columns, mm. */
const GAP = 2;

/** The largest type with which all of it is on one page. */
export function reportPdf(report: AuditReport): Blob {
  for (let scale = SCALES.most; ; scale *= SCALES.step) {
    const sheet = new Sheet(scale);
    write(sheet, report);
    if (sheet.fits || scale < SCALES.least) return sheet.blob();
  }
}

function write(sheet: Sheet, report: AuditReport): void {
  sheet.paragraph('Encoder audit', { size: TYPE.title, bold: true });
  sheet.gap(2);
  writeRules(sheet, report);
  sheet.gap(3);
  writeTable(sheet, report);
  sheet.gap(3);
  heading(sheet, 'Data, models, method');
  for (const fact of reportFacts(report)) {
    sheet.paragraph(fact, { size: TYPE.facts });
    sheet.gap(0.5);
  }
  sheet.gap(2.5);
  heading(sheet, 'Definitions');
  const notes = reportRows(report).flatMap(({ rows }) =>
    rows.map(({ name, about }) => ({ name, text: about })),
  );
  sheet.notes(notes, TYPE.notes);
}

function heading(sheet: Sheet, text: string): void {
  sheet.paragraph(text, { size: TYPE.table, bold: true, colour: INK.accent });
  sheet.gap(0.6);
}

/** The published rules, and how each encoder fared. */
function writeRules(sheet: Sheet, { audits }: AuditReport): void {
  const [rules, words] = [RULE * sheet.scale, VERDICT * sheet.scale];
  for (const audit of audits) {
    for (const { rule, passed, text } of verdictsOf(audit)) {
      const said = audits.length > 1 ? `${audit.title}: ${text}` : text;
      sheet.row(
        cellsOf(
          [
            { width: rules, text: rule, bold: true },
            { width: words, text: passedWord(passed), bold: true, colour: inkOf(passed) },
            { width: INNER - rules - words, text: said },
          ],
          TYPE.rules,
        ),
      );
      sheet.gap(0.6);
    }
  }
}

function inkOf(passed: boolean | null): string {
  if (passed === null) return INK.undecided;
  return passed ? INK.accent : INK.failed;
}

function writeTable(sheet: Sheet, report: AuditReport): void {
  const named = Object.values(COLUMNS).map((mm) => mm * sheet.scale);
  const left = INNER - named.reduce((sum, mm) => sum + mm, 0);
  const widths = [...named, ...report.audits.map(() => left / report.audits.length)];
  const head = ['Section', 'Measure', 'Scale', ...report.audits.map(({ title }) => title)];
  const faces = [{ bold: true, colour: INK.accent }, {}, { colour: INK.quiet }];
  const row = (texts: readonly string[], bold = false) =>
    sheet.row(
      cellsOf(
        texts.map((text, i) => ({ width: widths[i], text, bold, ...(bold ? {} : faces[i]) })),
        TYPE.table,
      ),
    );
  row(head, true);
  for (const part of reportRows(report)) {
    sheet.gap(0.8);
    sheet.rule();
    sheet.gap(0.8);
    for (const [i, { name, scale, cells }] of part.rows.entries()) {
      row([i === 0 ? part.section : '', name, scale, ...cells.map(told)]);
    }
  }
}

function told(cell: ReportCell | null): string {
  if (!cell) return '-';
  return cell.interval ? `${cell.text} (${cell.interval})` : cell.text;
}

/** Cells one behind the other, each with a little room to the next. */
function cellsOf(cells: readonly Omit<Cell, 'x' | 'size'>[], size: number): Cell[] {
  let x = 0;
  return cells.map((cell) => {
    const placed = { ...cell, x, size, width: cell.width - GAP };
    x += cell.width;
    return placed;
  });
}
