import type { GeneMatch } from '../../molecular/genesets.ts';
import type { Prompt } from '../../molecular/prompt.ts';

/** Names listed before the rest is counted. */
const LISTED = 400;

/** Which genes will be scored, and which names were not understood. */
export function MatchedGenes({ prompt }: { prompt: Prompt }) {
  const { match, symbols, refusal } = prompt;
  const { renamed, missing, mangled, duplicates, asked } = match;
  return (
    <div className="matched" data-testid="matched">
      {refusal ? (
        <p className="small bad" role="alert">
          {refusal}
        </p>
      ) : (
        <p className="small">
          The model knows {symbols.length} of {asked} genes.
        </p>
      )}
      <Names title="Matched" names={symbols} />
      <Names title="Not known to the model" names={missing} />
      <OtherNames renamed={renamed} mangled={mangled} />
      <Names title="Given twice, counted once" names={duplicates} />
    </div>
  );
}

interface OtherNamesProps {
  renamed: readonly { given: string; symbol: string }[];
  mangled: GeneMatch['mangled'];
}

/** Names that were not the genes' own, or dates. */
export function OtherNames({ renamed, mangled }: OtherNamesProps) {
  return (
    <>
      <Names
        title="Read as another name"
        names={renamed.map(({ given, symbol }) => `${given} → ${symbol}`)}
      />
      <Names
        title="Turned into dates by a spreadsheet, not used"
        names={mangled.map(({ given, meant }) => `${given} (${meant.join(' or ') || 'unknown'})`)}
      />
    </>
  );
}

/** A list of names under its title and number; nothing for none. */
export function Names({ title, names }: { title: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  const rest = names.length - LISTED;
  return (
    <details className="small">
      <summary>
        {title}: {names.length.toLocaleString('en')}
      </summary>
      <p className="faint">
        {names.slice(0, LISTED).join(', ')}
        {rest > 0 && ` and ${rest.toLocaleString('en')} more`}
      </p>
    </details>
  );
}
