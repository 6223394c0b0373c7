import { Check } from 'lucide-react';
import { FORMATS, type Format } from '../../slide/formats.ts';

/** What the table of formats reads, and in which ways each opens. */
export function FormatList() {
  return (
    <details className="formats">
      <summary>What can be opened</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Format</th>
            <th scope="col">Ends in</th>
            <th scope="col">File</th>
            <th scope="col">Folder</th>
            <th scope="col">Address</th>
          </tr>
        </thead>
        <tbody>
          {FORMATS.map((format) => (
            <tr key={format.id}>
              <th scope="row">{format.label}</th>
              <td className="faint">{format.extensions.slice(0, 3).join(' ')}</td>
              <Way offered={Boolean(format.openBytes)} />
              <Way offered={Boolean(format.folder)} />
              <Way offered={byAddress(format)} />
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** Endings of the formats that open by address, for the field's help. */
export function addressEndings(): string {
  return [...new Set(FORMATS.filter(byAddress).map(({ extensions }) => extensions[0]))].join(', ');
}

function byAddress({ openUrl, openBytes }: Format): boolean {
  return Boolean(openUrl ?? openBytes);
}

function Way({ offered }: { offered: boolean }) {
  return (
    <td className="way">
      {offered ? <Check size={14} role="img" aria-label="yes" /> : <span className="faint">–</span>}
    </td>
  );
}
