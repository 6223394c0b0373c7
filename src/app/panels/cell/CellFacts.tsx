import type { CellExplanation } from '../../../analysis/explain.ts';
import { formatNumber, formatSigned } from '../../../core/units.ts';
import { useApp } from '../../state.ts';
import { useNoAnswer } from '../../trust/NoAnswer.tsx';

/** The numbers of a cell: what it adds, what goes without it, where the model looked. */
export function CellFacts({ cell }: { cell: CellExplanation }) {
  const kit = useApp((s) => s.kit);
  const said = useApp((s) => s.whatIf);
  const why = useNoAnswer();
  const anyway = useApp((s) => s.scoreAnyway);
  const whatIf = said?.index === cell.index ? said : null;
  if (!kit) return null;
  const place = (rank: number) =>
    `${rank.toLocaleString('en')} of ${cell.cells.toLocaleString('en')}`;
  return (
    <>
      {why && (
        <p className="small under warn" title={why}>
          No answer here: these parts explain a logit not to rely on.
        </p>
      )}
      <dl>
        <dt>Contribution to its field’s logit</dt>
        <dd className={toneOf(cell.contribution)}>{formatSigned(cell.contribution, 4)}</dd>
        <dt title="1 speaks most for, the last one most against">Its place, most for first</dt>
        <dd>{place(cell.contributionRank)}</dd>
        <dt title="The head asked again with the tokens under the cell replaced by background">
          Logit without it changes by
        </dt>
        <dd data-testid="without">
          {whatIf ? (whatIf.delta === null ? 'not known' : formatSigned(whatIf.delta, 4)) : '…'}
        </dd>
        <dt>Attention per µm², place</dt>
        <dd>{place(cell.attentionRank)}</dd>
        <dt>Share of its field’s attention</dt>
        <dd>{(cell.attention * 100).toFixed(2)} %</dd>
        <dt>Logit of its field</dt>
        <dd>{formatSigned(cell.fieldLogit)}</dd>
        <dt title={`Probability of "${kit.target.positive}" with no cell counted`}>
          Probability by class token alone
        </dt>
        {why && !anyway ? (
          <dd className="warn" title={why}>
            no answer
          </dd>
        ) : (
          <dd>{whatIf ? formatNumber(whatIf.classAlone) : '…'}</dd>
        )}
        <dt>Tokens touched, purity</dt>
        <dd>
          {cell.tokens.length}, {cell.purity.toFixed(2)}
        </dd>
      </dl>
    </>
  );
}

function toneOf(value: number): string {
  return value < 0 ? 'against' : value > 0 ? 'for' : '';
}
