import { formatPercent } from '../../../core/units.ts';
import { typeColor } from '../../../overlay/style.ts';
import type { RegionFindings } from '../../explain-state.ts';
import { typeName } from '../../names.ts';
import { useApp } from '../../state.ts';

/** Where the attention falls, by cell type, against where the cells are. */
export function CompositionTable({ found }: { found: RegionFindings }) {
  const types = useApp((s) => s.kit?.types ?? []);
  const { composition } = found;
  const widest = Math.max(...composition.types.map((t) => Math.max(t.attention, t.expected)), 1e-9);
  const width = (share: number) => `${(share / widest) * 100}%`;
  return (
    <section aria-label="Where the attention falls">
      <h2>Attention by predicted type</h2>
      <table className="composition">
        <thead>
          <tr>
            <th>Type</th>
            <th>Cells</th>
            <th>Expected</th>
            <th>Attention</th>
            <th>Ratio</th>
            <th>p</th>
          </tr>
        </thead>
        {composition.types.map(({ count, attention, expected, ratio, p }, type) => (
          <tbody key={types[type]}>
            <tr>
              <th scope="row">{typeName(types[type] ?? '')}</th>
              <td>{count.toLocaleString('en')}</td>
              <td>{formatPercent(expected)}</td>
              <td>{formatPercent(attention)}</td>
              <td>{ratio === null ? '–' : ratio.toFixed(2)}</td>
              <td>{p === null ? '–' : p.toFixed(3)}</td>
            </tr>
            <tr>
              <td colSpan={6} className="bars">
                <i className="expected" style={{ width: width(expected) }} />
                <i style={{ width: width(attention), background: typeColor(type, types) }} />
              </td>
            </tr>
          </tbody>
        ))}
      </table>
      <p className="faint small under">
        Share of the attention on {composition.cells.toLocaleString('en')} cells of{' '}
        {found.fields.toLocaleString('en')} {found.fields === 1 ? 'field' : 'fields'}. Expected
        (grey): each field’s attention spread evenly over its cells. p: types dealt out anew within
        each field, {composition.permutations} times, two-sided, not corrected for the number of
        types. Large cells cover more tokens and so take more.
      </p>
    </section>
  );
}
