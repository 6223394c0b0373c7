import { CircleDot, Grid3x3, type LucideIcon, Pencil, SlidersHorizontal } from 'lucide-react';
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
      <Tool
        on={style.mode === 'cells'}
        label="Cells"
        Icon={CircleDot}
        hint="C"
        press={() => toggle('cells')}
      />
      <Tool
        on={style.mode === 'heatmap'}
        label="Heatmap"
        Icon={Grid3x3}
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
      <Tool
        on={annotating}
        label="Annotate"
        Icon={Pencil}
        hint="D"
        press={() => commands?.annotating.toggle()}
      />
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
      aria-label="Image"
      title={changed ? `Shown with ${changed}` : 'Image'}
      onClick={() => setState({ imagePanel: !open })}
    >
      <Face label="Image" Icon={SlidersHorizontal} /> {changed && <i className="changed" />}{' '}
      <kbd>I</kbd>
    </button>
  );
}

interface ToolProps {
  on: boolean;
  label: string;
  /** Takes the place of the label where a pane is narrow. */
  Icon?: LucideIcon;
  hint?: string;
  press: () => void;
}

function Tool({ on, label, Icon, hint, press }: ToolProps) {
  return (
    <button
      type="button"
      className={`btn${on ? ' on' : ''}`}
      aria-label={label}
      aria-pressed={on}
      title={label}
      onClick={press}
    >
      {Icon ? <Face label={label} Icon={Icon} /> : label} {hint && <kbd>{hint}</kbd>}
    </button>
  );
}

function Face({ label, Icon }: { label: string; Icon: LucideIcon }) {
  return (
    <span className="tool-face">
      <Icon size={16} aria-hidden="true" />
      <span>{label}</span>
    </span>
  );
}
