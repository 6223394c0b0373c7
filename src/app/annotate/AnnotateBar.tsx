import {
  Brush,
  Circle,
  DraftingCompass,
  Lasso,
  ListOrdered,
  type LucideIcon,
  MapPin,
  MousePointer2,
  Pentagon,
  Redo2,
  Ruler,
  Square,
  Trash2,
  Undo2,
  X,
} from 'lucide-react';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import { ClassPicker } from './ClassPicker.tsx';
import { PAN_HINT, TOOLS, type ToolId, toolOf } from './tools.ts';

const ICONS: Record<ToolId, LucideIcon> = {
  select: MousePointer2,
  point: MapPin,
  count: ListOrdered,
  line: Ruler,
  angle: DraftingCompass,
  rectangle: Square,
  ellipse: Circle,
  polygon: Pentagon,
  freehand: Lasso,
  brush: Brush,
};
/** A line is drawn before these: measuring, areas. */
const GROUPS: readonly ToolId[] = ['point', 'line', 'rectangle'];

/** The tools of annotating, and what the one in hand does. */
export function AnnotateBar() {
  const tool = useApp((s) => s.annotate.tool);
  if (tool === null) return null;
  return (
    <div className="annotate">
      <Tools tool={tool} />
      <Hint tool={tool} />
    </div>
  );
}

function Tools({ tool }: { tool: ToolId }) {
  const annotating = useCommands()?.annotating;
  const canUndo = useApp((s) => s.annotate.canUndo);
  const canRedo = useApp((s) => s.annotate.canRedo);
  const selected = useApp((s) => s.annotate.selected);
  return (
    <div
      className="float annotate-bar"
      role="toolbar"
      aria-label="Annotate"
      aria-orientation="vertical"
    >
      {TOOLS.map(({ id, label, key }) => (
        <BarButton
          key={id}
          Icon={ICONS[id]}
          label={label}
          hint={key.toUpperCase()}
          on={tool === id}
          apart={GROUPS.includes(id)}
          press={() => annotating?.choose(id)}
        />
      ))}
      <BarButton
        Icon={Undo2}
        label="Undo"
        hint="Ctrl+Z"
        apart
        disabled={!canUndo}
        press={() => annotating?.annotator.undo()}
      />
      <BarButton
        Icon={Redo2}
        label="Redo"
        hint="Ctrl+Shift+Z"
        disabled={!canRedo}
        press={() => annotating?.annotator.redo()}
      />
      <BarButton
        Icon={Trash2}
        label="Delete the selected shape"
        hint="Del"
        disabled={selected === null}
        press={() => annotating?.erase()}
      />
    </div>
  );
}

interface BarButtonProps {
  Icon: LucideIcon;
  label: string;
  hint: string;
  on?: boolean;
  apart?: boolean;
  disabled?: boolean;
  press: () => void;
}

function BarButton({ Icon, label, hint, on, apart, disabled, press }: BarButtonProps) {
  return (
    <button
      type="button"
      className={`btn icon${on ? ' on' : ''}${apart ? ' apart' : ''}`}
      aria-label={label}
      aria-pressed={on}
      title={`${label} (${hint})`}
      disabled={disabled}
      onClick={(event) => {
        press();
        // Keys now belong to the tool, not to its button.
        event.currentTarget.blur();
      }}
    >
      <Icon size={18} aria-hidden="true" />
    </button>
  );
}

/** Which class new shapes get, how wide the brush is, and how the tool is used. */
function Hint({ tool }: { tool: ToolId }) {
  const annotating = useCommands()?.annotating;
  const brush = useApp((s) => s.annotate.brush);
  const notKept = useApp((s) => s.annotate.notKept);
  const { label, hint } = toolOf(tool);
  return (
    <section className="float annotate-hint" aria-label="Annotating">
      <div className="row">
        <b>{label}</b>
        <button
          type="button"
          className="btn icon"
          aria-label="Stop annotating"
          title="Stop annotating (D or Esc)"
          onClick={() => annotating?.choose(null)}
        >
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      <ClassPicker />
      {tool === 'brush' && (
        <label className="annotate-brush">
          <span className="quiet">Radius</span>
          <input
            type="range"
            min={4}
            max={120}
            value={brush}
            onChange={(event) => annotating?.annotator.set({ brush: Number(event.target.value) })}
          />
          <output>{brush} px</output>
        </label>
      )}
      <p className="small" aria-live="polite">
        {hint}
      </p>
      <p className="faint small">{PAN_HINT}</p>
      {notKept && (
        <p className="small annotate-warning" role="alert">
          {notKept}
        </p>
      )}
    </section>
  );
}
