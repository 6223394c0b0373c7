/** One page that says what was audited, how, and what came of it, as HTML without any script. */
import type { EncoderAudit } from './encoder-audit.ts';
import { MEASURES, SECTIONS, SLIDE_FIELDS, slideEnergy } from './measures.ts';
import { verdictsOf } from './verdicts.ts';

export interface AuditReport {
  audits: readonly EncoderAudit[];
  /** For the estimate of energy. */
  watts: number;
  date: Date;
  /** Version of Cytolens. */
  version: string;
}

/** A cell of the table of results. */
export interface ReportCell {
  text: string;
  interval: string;
}

/** The table of results: rows that no audit has are left out. */
export function reportRows({ audits, watts }: Pick<AuditReport, 'audits' | 'watts'>) {
  return SECTIONS.map((section) => {
    const rows = MEASURES.filter((measure) => measure.section === section).map(
      ({ id, name, scale, about, of }) => ({ id, name, scale, about, cells: audits.map(of) }),
    );
    const energy = audits.map(({ cost }) =>
      cost ? { text: slideEnergy(cost, watts).toFixed(2), interval: '', value: null } : null,
    );
    const all =
      section === 'Cost'
        ? [
            ...rows,
            {
              id: 'energy',
              name: 'Energy of a slide, estimated',
              scale: `Wh, ${SLIDE_FIELDS.toLocaleString('en')} fields`,
              about: `Time of a tile × ${SLIDE_FIELDS.toLocaleString('en')} × ${watts} W, which is an assumption about this machine: an estimate, not measured.`,
              cells: energy,
            },
          ]
        : rows;
    return { section, rows: all.filter(({ cells }) => cells.some((cell) => cell !== null)) };
  }).filter(({ rows }) => rows.length > 0);
}

/** What was read, and by which models; a line each. */
export function reportFacts({ audits, date, version }: AuditReport): string[] {
  const sets = new Map(audits.map(({ set }) => [set.name, set]));
  const counted = (of: readonly { name: string; samples: number }[]) =>
    of.map(({ name, samples }) => `${name} ${samples.toLocaleString('en')}`).join(', ');
  return [
    ...[...sets.values()].flatMap((set) => [
      `Data: ${set.name}, ${set.samples.toLocaleString('en')} samples, slides or patients: ${set.groups}. Classes: ${counted(set.classes)}. Centres: ${counted(set.centres)}. Cramér’s V of class and centre ${set.entanglement.toFixed(2)} (0 independent, 1 entangled).`,
      ...set.notes,
    ]),
    ...audits.map(({ title, encoder, set }) =>
      encoder
        ? `${title}: ${encoder.id} ${encoder.version}, SHA-256 ${encoder.sha256}; ${encoder.provider}, ${encoder.dtype}, ${encoder.runtime}; input ${encoder.px} px at ${encoder.mpp} µm/px. Embedding: class token beside the mean of the patch tokens, ${set.dim} numbers.`
        : `${title}: embeddings that were computed elsewhere, ${set.dim} numbers.`,
    ),
    ...new Set(
      audits.flatMap(({ rotation }) =>
        rotation && rotation.share < 1
          ? [
              `The tiles have no tissue around them: between quarter turns only their middle ${Math.round(100 * rotation.share)} % (side) is compared, enlarged.`,
            ]
          : [],
      ),
    ),
    'Intervals: 95 %, bootstrap over slides or patients; none below five of them. Neighbours are by cosine distance, the own slide or patient left out.',
    `Cytolens ${version}, ${date.toISOString().slice(0, 10)}. Research use only.`,
  ];
}

/** The whole page. */
export function reportHtml(report: AuditReport): string {
  const { audits } = report;
  const head = audits.map(({ title }) => `<th>${escaped(title)}</th>`).join('');
  const body = reportRows(report)
    .map(({ section, rows }) => {
      const lines = rows.map(({ id, name, scale, cells }) => {
        const told = cells.map((cell) =>
          cell
            ? `<td><b>${escaped(cell.text)}</b> <small>${escaped(cell.interval)}</small></td>`
            : '<td>–</td>',
        );
        return `<tr><td><a href="#${id}">${escaped(name)}</a></td><td><small>${escaped(scale)}</small></td>${told.join('')}</tr>`;
      });
      const columns = audits.length + 2;
      return `<tr><th colspan="${columns}" class="section">${escaped(section)}</th></tr>${lines.join('')}`;
    })
    .join('');
  const rules = audits.flatMap((audit) =>
    verdictsOf(audit).map(
      ({ rule, measure, passed, text }) =>
        `<li><b>${escaped(audit.title)}: ${passedWord(passed)}.</b> <a href="#${measure}">${escaped(rule)}</a>: ${escaped(text)}</li>`,
    ),
  );
  const definitions = reportRows(report).flatMap(({ rows }) =>
    rows.map(({ id, name, about }) => `<b id="${id}">${escaped(name)}</b>: ${linked(about)}`),
  );
  const facts = reportFacts(report).map((line) => `<li>${escaped(line)}</li>`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Encoder audit</title><style>${STYLE}</style></head><body><h1>Encoder audit</h1><ul>${rules.join('')}</ul><table><thead><tr><th>Measure</th><th>Scale</th>${head}</tr></thead><tbody>${body}</tbody></table><h2>Data, models, method</h2><ul>${facts.join('')}</ul><h2>Definitions</h2><p class="about">${definitions.join(' ')}</p></body></html>\n`;
}

/** A text cut at the papers it names, these with their address. */
export function withPapers(text: string): { text: string; href: string | null }[] {
  return text.split(/(arXiv:\d{4}\.\d{5})/).map((part, i) => ({
    text: part,
    href: i % 2 === 1 ? part.replace('arXiv:', 'https://arxiv.org/abs/') : null,
  }));
}

function linked(about: string): string {
  return withPapers(about)
    .map(({ text, href }) => (href ? `<a href="${href}">${text}</a>` : escaped(text)))
    .join('');
}

export function passedWord(passed: boolean | null): string {
  if (passed === null) return 'not decided';
  return passed ? 'passed' : 'not passed';
}

const STYLE = `body{font:9.5px/1.35 system-ui,sans-serif;max-width:190mm;margin:8mm auto;color:#1a1b1d}h1{font-size:17px;margin:0 0 6px}h2{font-size:11px;margin:8px 0 2px}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:1px 8px 1px 0;border-top:1px solid #ddd}.section{color:#0a6b58;padding-top:4px}small{color:#555}a{color:inherit}ul{margin:2px 0 6px;padding-left:14px}.about{font-size:7.5px;color:#333}@page{size:A4;margin:10mm}@media print{body{margin:0}}`;

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
