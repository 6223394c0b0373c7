import { useApp } from '../state.ts';
import { setLook } from './look.ts';
import { THEMES } from './state.ts';

/** Theme, and whether names are masked. */
export function LookSection() {
  const theme = useApp((s) => s.theme);
  const masked = useApp((s) => s.namesMasked);
  return (
    <section className="look" aria-label="Look">
      <fieldset className="themes">
        <legend className="quiet small">Theme</legend>
        {THEMES.map(({ id, label }) => (
          <label key={id} className="theme">
            <input
              type="radio"
              name="theme"
              checked={theme === id}
              onChange={() => setLook({ theme: id })}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <label className="theme">
        <input
          type="checkbox"
          checked={masked}
          onChange={(event) => setLook({ namesMasked: event.target.checked })}
        />
        Mask names of slides and cases
      </label>
    </section>
  );
}
