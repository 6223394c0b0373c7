import { areaText } from '../../annotation/measure.ts';
import { typeColor } from '../../overlay/style.ts';
import { typeName } from '../names.ts';
import { useApp } from '../state.ts';
import { NucleiMissing } from '../trust/NucleiMissing.tsx';
import type { CellCounts } from './counting.ts';

/** Cells found in an area by type: how many, and per mm2 of what of it was analysed. */
export function CellsInside({ counts, of }: { counts: CellCounts; of: string }) {
  const imported = useApp((s) => s.imported !== null);
  const kit = useApp((s) => s.kit);
  const cells = useApp((s) => s.cells);
  if (!kit || cells === 0) return null;
  // Types of cells from a file are named in the legend alone.
  const types = imported ? [] : kit.types;
  const { byType, total, area, analysed } = counts;
  const share = area > 0 ? analysed / area : 0;
  const per = (n: number) =>
    analysed > 0 ? Math.round((n / analysed) * 1e6).toLocaleString('en') : '–';
  const found = types.map((type, i) => ({ type, i, n: byType[i] })).filter(({ n }) => n > 0);
  return (
    <div className="cells-inside">
      <table className="types">
        <thead>
          <tr>
            <th scope="col">Cells inside, {imported ? 'imported' : 'predicted'}</th>
            <th scope="col">found</th>
            <th scope="col">per mm²</th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ type, i, n }) => (
            <tr key={type}>
              <th scope="row">
                <i className="swatch" style={{ background: typeColor(i, types) }} />{' '}
                {typeName(type)}
              </th>
              <td>{n.toLocaleString('en')}</td>
              <td>{per(n)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">All</th>
            <td>{total.toLocaleString('en')}</td>
            <td>{per(total)}</td>
          </tr>
        </tfoot>
      </table>
      <p className="faint small">
        {share > 0.995
          ? `Over ${areaText(analysed, 1)}, all of ${of}.`
          : `Over the ${areaText(analysed, 1)} that was analysed: ${Math.round(share * 100)} % of ${of}.`}
      </p>
      <NucleiMissing />
    </div>
  );
}
