import { type ReactNode, useState } from 'react';

interface ConfirmButtonProps {
  className: string;
  /** The question, and what its yes is called. */
  ask: string;
  yes: string;
  disabled?: boolean;
  onConfirm: () => void;
  children: ReactNode;
}

/** A button for what cannot be taken back: it asks in its own place first. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { className, ask, yes, disabled, onConfirm, children } = props;
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <button
        type="button"
        className={className}
        disabled={disabled}
        onClick={() => setAsking(true)}
      >
        {children}
      </button>
    );
  }
  return (
    <div className="confirm" role="alertdialog" aria-label={ask}>
      <p className="small">{ask}</p>
      <div className="row end">
        <button
          type="button"
          className="btn line"
          // The question took the place of the button that had the focus.
          ref={(element) => element?.focus()}
          onClick={() => setAsking(false)}
        >
          Keep
        </button>
        <button
          type="button"
          className="btn line danger"
          onClick={() => {
            setAsking(false);
            onConfirm();
          }}
        >
          {yes}
        </button>
      </div>
    </div>
  );
}
