import { useEffect, useState } from 'react';
import type { LoadedModel } from '../../analysis/analysis.ts';
import { useCommands } from '../context.ts';
import { providerName } from '../names.ts';

/** Identity, provider and parity, figures with what they were measured on, and the card. */
export function ModelSection({ model }: { model: LoadedModel }) {
  const { status, metrics, licence } = model;
  return (
    <section aria-label={status.name}>
      <h3>
        {status.name} <span className="faint">{status.version}</span>
      </h3>
      <dl>
        <dt>Role</dt>
        <dd>{status.role}</dd>
        <dt>Runs on</dt>
        <dd>
          {providerName(status.provider)}, {status.dtype}
        </dd>
        <dt>Runtime</dt>
        <dd>{status.runtime}</dd>
        <dt>Parity</dt>
        <dd>
          passed, relative error {status.parity.error.toPrecision(2)} of {status.parity.tolerance}{' '}
          allowed
        </dd>
        <dt>SHA-256</dt>
        <dd className="hash">{status.sha256}</dd>
        <dt>Licence</dt>
        <dd>{licence}</dd>
        {status.refused.map(({ provider, reason }) => (
          <RefusedRow key={reason} provider={providerName(provider)} reason={reason} />
        ))}
      </dl>
      <table>
        <thead>
          <tr>
            <th>Held-out figure</th>
            <th>Value</th>
            <th>Measured on</th>
          </tr>
        </thead>
        <tbody>
          {metrics.map((metric) => (
            <tr key={`${metric.name} ${metric.on}`}>
              <td>{metric.name}</td>
              <td>
                {metric.value.toFixed(3)}
                {metric.interval &&
                  ` (${metric.interval[0].toFixed(2)} – ${metric.interval[1].toFixed(2)})`}
              </td>
              <td>{metric.on}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ModelCard id={status.id} />
    </section>
  );
}

/** A model's card, read when it is opened. */
export function ModelCard({ id }: { id: string }) {
  const commands = useCommands();
  const [card, setCard] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open || card !== null) return;
    let alive = true;
    commands
      ?.cardOf(id)
      .catch(() => 'The card could not be loaded.')
      .then((text) => alive && setCard(text));
    return () => {
      alive = false;
    };
  }, [open, card, commands, id]);

  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Model card</summary>
      <pre className="model-card">{card ?? 'Loading …'}</pre>
    </details>
  );
}

function RefusedRow({ provider, reason }: { provider: string; reason: string }) {
  return (
    <>
      <dt>Not on {provider}</dt>
      <dd>{reason}</dd>
    </>
  );
}
