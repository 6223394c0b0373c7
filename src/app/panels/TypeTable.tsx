import { formatArea } from '../../core/units.ts';
import type { Histograms } from '../../overlay/histograms.ts';
import { gateOf, typeColor } from '../../overlay/style.ts';
import { useCommands } from '../context.ts';
import { typeName } from '../names.ts';
import { useApp } from '../state.ts';
import { NucleiMissing } from '../trust/NucleiMissing.tsx';

/** Cells by type: on or off, how many, which share, how dense. */
export function TypeTable({ histograms }: { histograms: Histograms }) {
  const commands = useCommands();
  const kit = useApp((s) => s.kit);
  const fields = useApp((s) => s.score?.fields ?? 0);
  const shown = useApp((s) => gateOf(s.style).types);
  if (!kit) return null;
  const um2 = fields * kit.fieldUm ** 2;
  const { types, cells } = histograms;
  const count = (n: number) => n.toLocaleString('en');
  const density = (n: number) => (um2 > 0 ? count(Math.round((n / um2) * 1e6)) : '–');
  return (
    <section aria-label="Cells by type">
      <table className="types">
        <thead>
          <tr>
            <th scope="col">Type, predicted</th>
            <th scope="col">shown</th>
            <th scope="col">found</th>
            <th scope="col">share</th>
            <th scope="col">per mm²</th>
          </tr>
        </thead>
        <tbody>
          {kit.types.map((type, i) => (
            <tr key={type}>
              <th scope="row">
                <label>
                  <input
                    type="checkbox"
                    checked={!shown || shown.includes(i)}
                    onChange={() => commands?.gates.toggleType(i, kit.types.length)}
                  />
                  <i className="swatch" style={{ background: typeColor(i, kit.types) }} />
                  {typeName(type)}
                </label>
              </th>
              <td>{count(types.gated[i])}</td>
              <td>{count(types.all[i])}</td>
              <td>{((100 * types.all[i]) / cells).toFixed(0)} %</td>
              <td>{density(types.all[i])}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">All</th>
            <td>{count(histograms.passing)}</td>
            <td>{count(cells)}</td>
            <td>100 %</td>
            <td>{density(cells)}</td>
          </tr>
        </tfoot>
      </table>
      <p className="faint small">
        Share and density are of the cells found
        {um2 > 0 && `, over ${formatArea(um2)} analysed in ${count(fields)} fields`}.
      </p>
      <NucleiMissing />
    </section>
  );
}
