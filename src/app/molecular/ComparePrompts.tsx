import { spearman } from '../../analysis/explain/compare.ts';
import { formatNumber } from '../../core/units.ts';
import { densityCorrelations } from '../../molecular/compare.ts';
import { readableName } from '../../molecular/prompt.ts';
import { useCommands } from '../context.ts';
import { typeName } from '../names.ts';
import { Scatter } from '../panels/Scatter.tsx';
import { useApp } from '../state.ts';
import { sameFields } from './prompting.ts';
import type { Answered } from './state.ts';

const told = (rho: number | null) => (rho === null ? 'not defined' : formatNumber(rho));

/** The answer against another prompt's, and against where the cells are. */
export function ComparePrompts({ answer }: { answer: Answered }) {
  const commands = useCommands();
  const b = useApp((s) => s.molecular.b);
  if (!commands) return null;
  const { prompting } = commands;
  return (
    <section aria-label="Compare" className="compare-prompts">
      <h2>Compare</h2>
      {b ? (
        <TwoPrompts a={answer} b={b} />
      ) : (
        <button type="button" className="btn line" onClick={() => prompting.setAside()}>
          Set aside, and ask another to compare
        </button>
      )}
      <Densities answer={answer} />
    </section>
  );
}

function TwoPrompts({ a, b }: { a: Answered; b: Answered }) {
  const commands = useCommands();
  const { a: rowsA, b: rowsB } = commands?.prompting.answers ?? { a: null, b: null };
  const [nameA, nameB] = [readableName(a.prompt.set.name), readableName(b.prompt.set.name)];
  const shared = a.prompt.symbols.filter((gene) => b.prompt.symbols.includes(gene)).length;
  const fit = rowsA && rowsB && sameFields(rowsA, rowsB);
  return (
    <>
      <p className="small quiet">
        A: {nameA}. B: {nameB}. {shared} genes in both.{' '}
        <button type="button" className="link" onClick={() => commands?.prompting.dropAside()}>
          Forget B
        </button>
      </p>
      {fit ? (
        <>
          <Scatter
            a={rowsA.rows.predictor}
            b={rowsB.rows.predictor}
            titles={['A: predicted ssGSEA of a field, ranks', 'B: ranks']}
            label={`Predicted ssGSEA of ${a.count} fields: ${nameA} across, ${nameB} up`}
          />
          <dl className="verdicts">
            <dt>Rank correlation over {a.count.toLocaleString('en')} fields (Spearman)</dt>
            <dd>{told(spearman(rowsA.rows.predictor, rowsB.rows.predictor))}</dd>
          </dl>
        </>
      ) : (
        <p className="small quiet">B was asked of other fields. Ask it again to compare.</p>
      )}
    </>
  );
}

/** A score that only follows how many cells there are says nothing of its genes. */
function Densities({ answer }: { answer: Answered }) {
  const commands = useCommands();
  const types = useApp((s) => s.kit?.types ?? []);
  const rows = commands?.prompting.answers.a;
  if (!commands || !rows) return null;
  const { predictor } = rows.rows;
  const rho = densityCorrelations(predictor, rows.fields, commands.bench.cells, types.length);
  return (
    <>
      <p className="small quiet under">
        Against cells per field, by predicted type (Spearman over{' '}
        {answer.count.toLocaleString('en')} fields)
      </p>
      <dl className="verdicts">
        {rho.map((value, type) => (
          <div key={types[type]} className="contents">
            <dt>{typeName(types[type] ?? '')}</dt>
            <dd>{told(value)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
