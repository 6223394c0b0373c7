import { Download } from 'lucide-react';
import { Fragment } from 'react';
import type { EncoderAudit } from '../../audit/encoder/encoder-audit.ts';
import { reportFacts, reportRows, withPapers } from '../../audit/encoder/report.ts';
import { verdictsOf } from '../../audit/encoder/verdicts.ts';
import { setState, useApp } from '../state.ts';
import type { Auditing } from './auditing.ts';
import { RotationChart } from './RotationChart.tsx';
import type { ReportFormat } from './state.ts';

const FORMATS: readonly ReportFormat[] = ['html', 'pdf', 'json'];

/** What came of it: the published rules, every measure, the angles, and what it rests on. */
export function Results(props: { auditing: Auditing; audits: readonly EncoderAudit[] }) {
  const { auditing, audits } = props;
  const watts = useApp((s) => s.audit.watts);
  const said = new Set(audits.flatMap(({ set }) => set.notes));
  // What the set's own box on the left says is not said twice.
  const facts = reportFacts({ audits, watts, date: new Date(), version: __VERSION__ }).filter(
    (fact) => audits.some(({ encoder }) => encoder === null) || !said.has(fact),
  );
  return (
    <>
      <div className="audit-head">
        <h3>Results</h3>
        <span className="grows" />
        {FORMATS.map((format) => (
          <button
            key={format}
            type="button"
            className="btn line"
            onClick={() => void auditing.save(format)}
          >
            <Download size={15} aria-hidden="true" /> {format.toUpperCase()}
          </button>
        ))}
      </div>
      <Rules audits={audits} />
      <div className="audit-both">
        <MeasureTable audits={audits} watts={watts} />
        <div className="audit-aside">
          <RotationChart audits={audits} />
          <ul className="audit-facts quiet">
            {facts.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        </div>
      </div>
    </>
  );
}

/** The published rules, one card each, a line an encoder. */
function Rules({ audits }: { audits: readonly EncoderAudit[] }) {
  const all = audits.flatMap((audit) =>
    verdictsOf(audit).map((verdict) => ({ ...verdict, title: audit.title })),
  );
  const rules = new Map(all.map(({ rule, measure }) => [rule, measure]));
  return (
    <div className="audit-rules">
      {[...rules].map(([rule, measure]) => (
        <section key={rule}>
          <h4>{rule}</h4>
          <button type="button" className="link small" onClick={() => showMeasure(measure)}>
            Definition
          </button>
          {all
            .filter((verdict) => verdict.rule === rule)
            .map(({ title, passed, text }) => (
              <p key={title} className="small">
                <b className={markOf(passed).tone}>{markOf(passed).word}</b>
                {audits.length > 1 && <span className="quiet"> {title}</span>}
                <span className="audit-why">{text}</span>
              </p>
            ))}
        </section>
      ))}
    </div>
  );
}

/** Open a measure's definition in the table, and go there. */
function showMeasure(id: string): void {
  const details = document.querySelector<HTMLDetailsElement>(`#audit-${id}`);
  if (!details) return;
  details.open = true;
  details.scrollIntoView({ block: 'center' });
  details.querySelector('summary')?.focus();
}

function markOf(passed: boolean | null): { word: string; tone: string } {
  if (passed === null) return { word: 'Not decided', tone: 'undecided' };
  return passed ? { word: 'Passed', tone: 'passed' } : { word: 'Not passed', tone: 'failed' };
}

function MeasureTable(props: { audits: readonly EncoderAudit[]; watts: number }) {
  const { audits, watts } = props;
  return (
    <table className="audit-table">
      <thead>
        <tr>
          <th scope="col">Measure</th>
          <th scope="col">Scale</th>
          {audits.map(({ title }) => (
            <th scope="col" key={title} className="number">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {reportRows({ audits, watts }).map(({ section, rows }) => (
          <Fragment key={section}>
            <tr className="section">
              <th scope="rowgroup" colSpan={audits.length + 2}>
                {section}
                {section === 'Cost' && <Watts watts={watts} />}
              </th>
            </tr>
            {rows.map(({ id, name, scale, about, cells }) => (
              <tr key={name}>
                <td>
                  <details id={`audit-${id}`}>
                    <summary>{name}</summary>
                    <p className="quiet">
                      {withPapers(about).map(({ text, href }) =>
                        href ? (
                          <a key={text} href={href} target="_blank" rel="noreferrer">
                            {text}
                          </a>
                        ) : (
                          text
                        ),
                      )}
                    </p>
                  </details>
                </td>
                <td className="faint">{scale}</td>
                {cells.map((cell, i) => (
                  <td key={audits[i].title} className="number">
                    {cell ? (
                      <>
                        <b>{cell.text}</b>
                        {cell.interval && <span className="faint">{cell.interval}</span>}
                      </>
                    ) : (
                      '–'
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </Fragment>
        ))}
        <Missing audits={audits} />
      </tbody>
    </table>
  );
}

/** Why a part has no number. */
function Missing({ audits }: { audits: readonly EncoderAudit[] }) {
  const said = audits.flatMap(({ task, retrieval }) =>
    [task, retrieval].filter((part) => typeof part === 'string'),
  );
  const tables = audits.some(({ encoder }) => encoder === null);
  const sentences = [
    ...new Set(said),
    ...(tables
      ? [
          'Embeddings alone cannot be turned, resized or timed: for these, audit the encoder on tiles.',
        ]
      : []),
  ];
  return sentences.map((sentence) => (
    <tr key={sentence}>
      <td colSpan={audits.length + 2} className="quiet">
        {sentence}
      </td>
    </tr>
  ));
}

function Watts({ watts }: { watts: number }) {
  return (
    <label>
      at
      <input
        type="number"
        min={1}
        max={2000}
        value={watts}
        onChange={(event) => {
          const value = Number(event.target.value);
          if (value > 0) setState(({ audit }) => ({ audit: { ...audit, watts: value } }));
        }}
      />
      W, your estimate of what the machine takes
    </label>
  );
}
