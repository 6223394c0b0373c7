/** One A4 page that is written from the top down: paragraphs, rows of a table, columns of notes. */
import { jsPDF } from 'jspdf';

/** A4, mm. */
const PAGE = { width: 210, height: 297, margin: 12 };
/** Line height as a share of the type's size; 1 pt in mm. */
const LEADING = 1.22;
const POINT = 0.3528;
/** Between columns of text, mm. */
const GUTTER = 6;

/** Between the margins, mm. */
export const INNER = PAGE.width - 2 * PAGE.margin;

export const INK = {
  text: '#1a1b1d',
  quiet: '#5a5b60',
  accent: '#0a6b58',
  failed: '#b3261e',
  undecided: '#8a5a00',
  rule: '#d4d4d8',
};

/** pt; a dark regular face when left out. */
export interface Face {
  size: number;
  bold?: boolean;
  colour?: string;
}

/** A text in a column of a row. Places and widths in mm from the left margin. */
export interface Cell extends Face {
  text: string;
  x: number;
  width: number;
}

/** Sizes in pt and gaps in mm are taken times `scale`; widths are not. */
export class Sheet {
  private readonly file = new jsPDF({ unit: 'mm', format: 'a4' });
  private y = PAGE.margin;

  constructor(readonly scale: number) {}

  get fits(): boolean {
    return this.y <= PAGE.height - PAGE.margin;
  }

  gap(mm: number): void {
    this.y += mm * this.scale;
  }

  /** A hairline from `x` to the right margin. */
  rule(x = 0): void {
    this.file.setDrawColor(INK.rule).setLineWidth(0.15);
    this.file.line(PAGE.margin + x, this.y, PAGE.margin + INNER, this.y);
  }

  paragraph(text: string, face: Face): void {
    // Lines are broken as if letters were kerned, which they are not when they are drawn.
    this.row([{ ...face, text, x: 0, width: INNER - 2 }]);
  }

  /** Cells side by side; the row is as high as the highest. */
  row(cells: readonly Cell[]): void {
    const heights = cells.map((cell) => this.write(cell, this.y));
    this.y += Math.max(0, ...heights);
  }

  /** Notes that begin with a name, over two columns of about the same height. */
  notes(notes: readonly { name: string; text: string }[], size: number): void {
    const width = (INNER - GUTTER) / 2;
    const heights = notes.map((note) => this.note(note, { x: 0, y: null, width, size }));
    const half = heights.reduce((sum, height) => sum + height, 0) / 2;
    const top = this.y;
    let [x, y, bottom] = [0, top, top];
    for (const [i, note] of notes.entries()) {
      if (x === 0 && y - top + heights[i] / 2 > half) [x, y] = [width + GUTTER, top];
      this.note(note, { x, y, width, size });
      y += heights[i];
      bottom = Math.max(bottom, y);
    }
    this.y = bottom;
  }

  blob(): Blob {
    return this.file.output('blob');
  }

  /** Gives the height, mm. */
  private write(cell: Cell, y: number): number {
    this.use(cell);
    const lines: string[] = this.file.splitTextToSize(plain(cell.text), cell.width);
    this.lines(lines, cell.x, y, cell.size);
    return lines.length * this.lineOf(cell.size);
  }

  /** The name, and its text run on behind it; only measured where `y` is null. Gives the height, mm. */
  private note(
    { name, text }: { name: string; text: string },
    { x, y, width, size }: { x: number; y: number | null; width: number; size: number },
  ): number {
    this.use({ size, bold: true });
    const title = `${plain(name)}: `;
    const textIndent = this.file.getTextWidth(title);
    if (y !== null) this.lines([title], x, y, size);
    this.use({ size, colour: INK.quiet });
    const [first, ...rest]: string[] = this.file.splitTextToSize(plain(text), width, {
      textIndent,
    });
    if (y !== null) {
      this.lines([first], x + textIndent, y, size);
      this.lines(rest, x, y + this.lineOf(size), size);
    }
    return (1 + rest.length) * this.lineOf(size);
  }

  private use({ size, bold = false, colour = INK.text }: Face): void {
    this.file.setFont('helvetica', bold ? 'bold' : 'normal');
    this.file.setFontSize(size * this.scale).setTextColor(colour);
  }

  private lines(lines: string[], x: number, y: number, size: number): void {
    const options = { lineHeightFactor: LEADING };
    this.file.text(lines, PAGE.margin + x, y + size * this.scale * POINT, options);
  }

  /** Height of a line of this size in pt, mm. */
  private lineOf(size: number): number {
    return size * this.scale * POINT * LEADING;
  }
}

/** The standard fonts of PDF know Latin-1 alone. */
function plain(text: string): string {
  return text.replace(/[−–]/g, '-').replace(/’/g, "'").replace(/μ/g, 'µ');
}
