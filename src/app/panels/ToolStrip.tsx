import type { OverlayStyle } from '../../overlay/style.ts';
import { useCommands } from '../context.ts';
import { setState, useApp } from '../state.ts';

const VALUES: { value: OverlayStyle['value']; label: string }[] = [
  { value: 'type', label: 'Type' },
  { value: 'attention', label: 'Attention' },
  { value: 'contribution', label: 'Contribution' },
];

/** Cells or heatmap, never both; and which value colours them. */
export function ToolStrip() {
  const commands = useCommands();
  const style = useApp((s) => s.style);
  const annotating = useApp((s) => s.annotate.tool !== null);
  const toggle = (mode: 'cells' | 'heatmap') =>
    commands?.bench.setStyle({ mode: style.mode === mode ? 'off' : mode });
  return (
    <div className="float tools" role="toolbar" aria-label="Overlay">
      <Tool on={style.mode === 'cells'} label="Cells" hint="C" press={() => toggle('cells')} />
      <Tool
        on={style.mode === 'heatmap'}
        label="Heatmap"
        hint="H"
        press={() => toggle('heatmap')}
      />
      <span className="divider" />
      {VALUES.map(({ value, label }) => (
        <Tool
          key={value}
          on={style.value === value}
          label={label}
          press={() => commands?.bench.setStyle({ value, threshold: 0 })}
        />
      ))}
      <span className="divider" />
      <ImageButton />
      <Tool on={annotating} label="Annotate" hint="D" press={() => commands?.annotating.toggle()} />
    </div>
  );
}

/** Lit while the pixels are not shown as they are stored: a picture must not mislead. */
function ImageButton() {
  const open = useApp((s) => s.imagePanel);
  const changed = useApp((s) => s.shownAsText);
  return (
    <button
      type="button"
      className={`btn${open ? ' on' : ''}`}
      aria-expanded={open}
      aria-controls="image-panel"
      title={changed ? `Shown with ${changed}` : undefined}
      onClick={() => setState({ imagePanel: !open })}
    >
      Image {changed && <i className="changed" />} <kbd>I</kbd>
    </button>
  );
}

interface ToolProps {
  on: boolean;
  label: string;
  hint?: string;
  press: () => void;
}

function Tool({ on, label, hint, press }: ToolProps) {
  return (
    <button type="button" className={`btn${on ? ' on' : ''}`} aria-pressed={on} onClick={press}>
      {label} {hint && <kbd>{hint}</kbd>}
    </button>
  );
}
