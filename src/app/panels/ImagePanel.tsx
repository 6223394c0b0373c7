import { FlipHorizontal2, RotateCcw, RotateCw, X } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import {
  type Look,
  PLAIN,
  partName,
  percent,
  SET_NAMES,
  STAIN_VIEWS,
  type StainSet,
} from '../../viewer/colour/look.ts';
import { poseText } from '../../viewer/pose.ts';
import { useCommands } from '../context.ts';
import { typeName } from '../names.ts';
import { setState, useApp } from '../state.ts';
import { AssociatedImages } from './AssociatedImages.tsx';

/** How the slide is shown: its colours, one stain alone, turned and mirrored. */
export function ImagePanel() {
  const open = useApp((s) => s.imagePanel && s.slide !== null);
  if (!open) return null;
  return (
    <section className="float image-panel" id="image-panel" aria-label="Image">
      <div className="row">
        <h2>Image</h2>
        <button
          type="button"
          className="btn icon"
          aria-label="Close the image panel"
          onClick={() => setState({ imagePanel: false })}
        >
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      <Tones />
      <Stains />
      <Turning />
      <AssociatedImages />
      <p className="faint">Models always see the pixels as they are stored.</p>
    </section>
  );
}

function Tones() {
  const commands = useCommands();
  const look = useApp((s) => s.shownAs);
  const hasProfile = useApp((s) => s.hasProfile);
  const set = (change: Partial<Look>) => commands?.developing.set(change);
  const { brightness, contrast, gamma } = look;
  const changed = brightness !== 0 || contrast !== 1 || gamma !== 1;
  return (
    <Part
      title="Colour"
      reset={changed ? () => set({ brightness: 0, contrast: 1, gamma: 1 }) : null}
    >
      {hasProfile && (
        <label className="check">
          <input
            type="checkbox"
            checked={look.icc}
            onChange={(event) => set({ icc: event.target.checked })}
          />
          Scanner's colour profile (ICC)
        </label>
      )}
      <div className="sliders">
        <Slider
          label="Brightness"
          value={brightness}
          range={[-0.5, 0.5]}
          text={percent(brightness)}
          set={(value) => set({ brightness: value })}
        />
        {/* By powers of 2, so that half and double are equally far from unchanged. */}
        <Slider
          label="Contrast"
          value={Math.log2(contrast)}
          range={[-2, 2]}
          text={`× ${contrast.toFixed(2)}`}
          set={(value) => set({ contrast: 2 ** value })}
        />
        <Slider
          label="Gamma"
          value={Math.log2(gamma)}
          range={[-2, 2]}
          text={gamma.toFixed(2)}
          set={(value) => set({ gamma: 2 ** value })}
        />
      </div>
    </Part>
  );
}

function Stains() {
  const commands = useCommands();
  const look = useApp((s) => s.shownAs);
  const telling = useApp((s) => s.tellingStains);
  const { stain, stains } = look;
  const set = (change: Partial<Look>) => commands?.developing.set(change);
  return (
    <Part title="Stain" reset={stain === PLAIN.stain ? null : () => set({ stain: PLAIN.stain })}>
      <fieldset className="choice" aria-label="Stain view">
        {STAIN_VIEWS.map((view) => (
          <button
            key={view}
            type="button"
            aria-pressed={view === stain}
            className={view === stain ? 'on' : ''}
            onClick={() => set({ stain: view })}
          >
            {typeName(partName({ stain: view, stains }))}
          </button>
        ))}
      </fieldset>
      <label className="choice-set">
        <span className="quiet">By</span>
        <select
          value={stains}
          onChange={(event) => set({ stains: event.target.value as StainSet })}
        >
          {Object.entries(SET_NAMES).map(([id, name]) => (
            <option key={id} value={id}>
              {typeName(name)}
            </option>
          ))}
        </select>
      </label>
      {telling && <p className="faint">Telling the stains from a thumbnail of the slide …</p>}
    </Part>
  );
}

function Turning() {
  const commands = useCommands();
  const pose = useApp((s) => s.pose);
  const viewer = commands?.bench.viewer;
  // From -180 to 180: upright is the middle.
  const turn = pose.turn > 180 ? pose.turn - 360 : pose.turn;
  return (
    <Part title="Position" reset={poseText(pose) ? () => viewer?.setUpright() : null}>
      <div className="sliders">
        <Slider
          label="Turn"
          value={turn}
          range={[-180, 180]}
          step={1}
          text={`${Math.round(turn)}°`}
          set={(degrees) => viewer?.setTurn(degrees, true)}
        />
      </div>
      <fieldset className="choice" aria-label="Position">
        <button type="button" onClick={() => viewer?.turnBy(-90)} aria-label="Left by 90 degrees">
          <RotateCcw size={14} aria-hidden="true" /> 90°
        </button>
        <button type="button" onClick={() => viewer?.turnBy(90)} aria-label="Right by 90 degrees">
          <RotateCw size={14} aria-hidden="true" /> 90°
        </button>
        <button
          type="button"
          aria-pressed={pose.flipped}
          className={pose.flipped ? 'on' : ''}
          onClick={() => viewer?.setFlipped(!pose.flipped)}
        >
          <FlipHorizontal2 size={14} aria-hidden="true" /> Mirror
        </button>
      </fieldset>
    </Part>
  );
}

interface PartProps {
  title: string;
  /** Null while there is nothing to put back. */
  reset: (() => void) | null;
  children: ReactNode;
}

function Part({ title, reset, children }: PartProps) {
  return (
    <section className="image-part" aria-label={title}>
      <div className="row">
        <h3>{title}</h3>
        {reset && (
          <button
            type="button"
            className="link"
            aria-label={`Reset ${title.toLowerCase()}`}
            onClick={reset}
          >
            Reset
          </button>
        )}
      </div>
      {children}
    </section>
  );
}

interface SliderProps {
  label: string;
  value: number;
  range: readonly [number, number];
  step?: number;
  text: string;
  set: (value: number) => void;
}

function Slider({ label, value, range: [min, max], step = 0.01, text, set }: SliderProps) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        onChange={(event) => set(Number(event.target.value))}
      />
      <output htmlFor={id}>{text}</output>
    </>
  );
}
