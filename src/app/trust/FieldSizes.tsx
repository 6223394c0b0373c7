import { useEffect, useRef } from 'react';
import type { FieldOfView } from '../../audit/audit.ts';
import { lookup } from '../../core/colormap.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { AskButton } from './AskButton.tsx';
import { NoAnswerNote } from './NoAnswer.tsx';

type Sight = FieldOfView['sights'][number];

/** What the answer owes to the size of the field. */
export function FieldSizes() {
  const commands = useCommands();
  const found = useApp((s) =>
    s.fieldOfView?.head === s.kit?.head.status.id ? s.fieldOfView : null,
  );
  return (
    <section aria-label="Size of the field">
      <h2>Size of the field</h2>
      <p className="small quiet under">
        The same tissue in fields of three sizes: does the model look at the same cells?
      </p>
      <NoAnswerNote then="What is shown here says what moves a score, not what to believe." />
      <AskButton
        task="field of view"
        title="Compare field sizes"
        onPress={() => void commands?.trusting.showFieldOfView()}
      />
      {found && <Found found={found} />}
    </section>
  );
}

function Found({ found: { contexts, sights, cells } }: { found: FieldOfView }) {
  const um = contexts[contexts.length - 1].um.toFixed(0);
  return (
    <>
      <div className="picture-three under" data-testid="sights">
        {sights.map((sight) => (
          <figure key={sight.side} className="pixel-picture">
            <AttentionMap sight={sight} />
            <figcaption className="small">
              {sight.fieldUm.toFixed(0)} µm fields: <b>{sight.probability?.toFixed(2) ?? '–'}</b>
              <br />
              <span className="faint">
                {sight.mpp} µm/px, agreement{' '}
                {sight.agreement === null ? '–' : sight.agreement.toFixed(2)}
              </span>
            </figcaption>
          </figure>
        ))}
      </div>
      <p className="faint small under">
        Attention over {um} × {um} µm, bright where it is high, each map on its own scale.
        Agreement: Spearman correlation of the attention on {cells} cells with the first map. The
        models learned from {sights[0].mpp} µm/px: coarser fields are foreign to them.
      </p>
      <dl className="verdicts under">
        {contexts.map((context) => (
          <ContextRow key={context.um} context={context} />
        ))}
      </dl>
    </>
  );
}

function ContextRow({ context }: { context: FieldOfView['contexts'][number] }) {
  return (
    <>
      <dt>
        {context.um.toFixed(0)} µm across,{' '}
        {context.fields === 1 ? 'one field with tissue' : `${context.fields} fields with tissue`}
      </dt>
      <dd>{context.probability?.toFixed(2) ?? '–'}</dd>
    </>
  );
}

/** One px a token, from dark to bright up to the largest. */
function AttentionMap({ sight: { attention, side, fieldUm } }: { sight: Sight }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const most = attention.reduce((a, b) => Math.max(a, b), 1e-12);
    const image = new ImageData(side, attention.length / side);
    attention.forEach((value, i) => {
      image.data.set([...lookup('viridis', value / most), 255], 4 * i);
    });
    canvas.current?.getContext('2d')?.putImageData(image, 0, 0);
  }, [attention, side]);
  return (
    <canvas
      ref={canvas}
      width={side}
      height={attention.length / side}
      aria-label={`Attention in fields of ${fieldUm.toFixed(0)} µm`}
    />
  );
}
