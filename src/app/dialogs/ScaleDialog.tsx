import { useState } from 'react';
import { useCommands } from '../context.ts';
import { setState, useApp } from '../state.ts';

const PRESETS = [
  { label: '40x (0.25)', mpp: 0.25 },
  { label: '20x (0.5)', mpp: 0.5 },
  { label: '10x (1.0)', mpp: 1 },
];
const MAX_MPP = 100;

/** The slide does not say its scale: ask, never guess. */
export function ScaleDialog({ next }: { next: 'analyse' | 'analyse slide' | 'nothing' }) {
  const commands = useCommands();
  const slide = useApp((s) => s.slide);
  const [text, setText] = useState(slide?.mpp ? String(slide.mpp) : '');
  const mpp = Number(text.replace(',', '.'));
  const valid = text.trim() !== '' && mpp > 0 && mpp <= MAX_MPP;
  const width = slide && valid ? (slide.info.width * mpp) / 1000 : null;
  const confirm = () => {
    commands?.setMpp(mpp);
    setState({ dialog: null });
    if (next === 'analyse') void commands?.running.analyseView();
    if (next === 'analyse slide') void commands?.running.prepareSlide();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) confirm();
      }}
    >
      <p>
        This slide does not say how many micrometres a pixel is. Sizes, the scale bar and the models
        need it. The scanner’s export dialog or the lab’s protocol tells.
      </p>
      <div className="row gap">
        <label>
          µm per pixel
          <input
            // The dialog has this one question.
            ref={(element) => element?.focus()}
            inputMode="decimal"
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder="0.25"
          />
        </label>
        {PRESETS.map((preset) => (
          <button
            key={preset.mpp}
            type="button"
            className="btn line"
            onClick={() => setText(String(preset.mpp))}
          >
            {preset.label}
          </button>
        ))}
      </div>
      <p className="faint small" aria-live="polite">
        {width !== null
          ? `The slide would be ${width.toFixed(1)} mm wide; a glass slide is 75 mm long.`
          : 'Without it the slide can be looked at, not analysed.'}
      </p>
      <div className="row buttons end">
        <button type="button" className="btn line" onClick={() => setState({ dialog: null })}>
          Only look
        </button>
        <button type="submit" className="btn main" disabled={!valid}>
          Use this scale
        </button>
      </div>
    </form>
  );
}
