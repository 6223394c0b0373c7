import { modelsOf } from '../../analysis/analysis.ts';
import { formatSigned } from '../../core/units.ts';
import { isOpen } from '../../overlay/gate.ts';
import type { Legend } from '../../overlay/legend.ts';
import { gateOf, hatchOf } from '../../overlay/style.ts';
import { useCommands } from '../context.ts';
import { providerName, typeName } from '../names.ts';
import { setState, useApp } from '../state.ts';
import { Hatchings } from '../trust/Hatchings.tsx';
import { useNoAnswer } from '../trust/NoAnswer.tsx';
import { useMissedNuclei } from '../trust/NucleiMissing.tsx';
import { hatchShown } from '../trust/unfamiliar.ts';

/** What the colours mean, and how to thin and fade them. */
export function LegendBox() {
  const legend = useApp((s) => s.legend);
  // Of imported cells no model of ours says anything.
  const kit = useApp((s) => (s.imported ? null : s.kit));
  const differs = useApp((s) => s.differenceShown || s.molecular.cells);
  const hatched = useApp(hatchShown);
  if (!legend && !hatched) return null;
  if (!legend) {
    return (
      <section className="float legend" aria-label="Legend">
        <Hatchings sparse={null} />
      </section>
    );
  }
  const models = kit ? modelsOf(kit) : [];
  return (
    <section className="float legend" aria-label="Legend">
      <div className="row">
        <b>{legend.title}</b>
        <span className="quiet">{legend.shows}</span>
      </div>
      {legend.gradient ? <Ramp legend={legend} /> : <Categories legend={legend} />}
      {legend.value === 'contribution' && !differs && <CellsAlone />}
      <Missed />
      <Filtered />
      {legend.grid && <GridChoices legend={legend} notes={legend.grid} />}
      <Hatchings sparse={legend.grid?.sparse ?? null} />
      <Sliders legend={legend} />
      {kit && (
        <div className="row faint">
          <span>
            {distinct(models.map((m) => providerName(m.status.provider)))} ·{' '}
            {distinct(models.map((m) => m.status.dtype))}
          </span>
          <span>parity passed</span>
        </div>
      )}
    </section>
  );
}

function distinct(names: string[]): string {
  return [...new Set(names)].join(', ');
}

/** Colours show what cells add; most of a logit may rest elsewhere, and then they must not mislead. */
function CellsAlone() {
  const score = useApp((s) => s.score);
  const why = useNoAnswer();
  if (!score) return null;
  const cells = score.byType.reduce((sum, type) => sum + type.contribution, 0);
  return (
    <>
      {why && (
        <div className="filtered" title={why}>
          No answer here: do not rely on the logit
        </div>
      )}
      <div className="quiet">
        Cells alone: {formatSigned(cells)} of the logit {formatSigned(score.logit)}
      </div>
    </>
  );
}

function Ramp({ legend }: { legend: Legend }) {
  return (
    <>
      <div className="ramp" style={{ background: legend.gradient ?? undefined }}>
        {legend.cuts.map((cut) => (
          <i key={cut} style={{ left: `${cut * 100}%` }} />
        ))}
      </div>
      <div className="row quiet">
        {legend.ticks?.map((tick) => (
          <span key={tick}>{tick}</span>
        ))}
      </div>
      <div className="faint">{legend.unit}</div>
    </>
  );
}

function Categories({ legend }: { legend: Legend }) {
  return (
    <ul className="categories">
      {legend.categories.map(({ name, color, count }) => (
        <li key={name}>
          <i className="swatch" style={{ background: color }} />
          <span>{typeName(name)}</span>
          <span className="quiet">{count.toLocaleString('en')}</span>
        </li>
      ))}
    </ul>
  );
}

/** Colours of the few cells found say little where most are missed. */
function Missed() {
  const missed = useMissedNuclei();
  if (!missed) return null;
  return (
    <div className="row" title={missed}>
      <span className="filtered">Many nuclei are missed here</span>
      <button type="button" className="link" onClick={() => setState({ panel: 'trust' })}>
        Why
      </button>
    </div>
  );
}

/** Filters are set in the Cells panel; what they hide must be known here too. */
function Filtered() {
  const commands = useCommands();
  const open = useApp((s) => isOpen(gateOf(s.style)));
  if (open) return null;
  return (
    <div className="row">
      <span className="filtered">Filters hide some cells</span>
      <span className="links">
        <button type="button" className="link" onClick={() => setState({ panel: 'cells' })}>
          Show
        </button>
        <button type="button" className="link" onClick={() => commands?.gates.clear()}>
          Clear
        </button>
      </span>
    </div>
  );
}

/** How the heatmap is drawn, and what its lines mean. */
function GridChoices({ legend, notes }: { legend: Legend; notes: NonNullable<Legend['grid']> }) {
  const commands = useCommands();
  const style = useApp((s) => s.style);
  const set = (change: Partial<typeof style>) => commands?.bench.setStyle(change);
  return (
    <>
      <fieldset className="grid-choices" aria-label="Heatmap">
        {legend.value !== 'type' && (
          <>
            <Choice label="Smooth" on={style.smooth ?? false} set={(smooth) => set({ smooth })} />
            <Choice label="Lines" on={style.lines ?? false} set={(lines) => set({ lines })} />
          </>
        )}
        <Choice label="Hatch few cells" on={hatchOf(style)} set={(hatch) => set({ hatch })} />
      </fieldset>
      <div className="faint">{notes.lines && `${notes.lines} · `}empty: no cells</div>
    </>
  );
}

function Choice({ label, on, set }: { label: string; on: boolean; set: (on: boolean) => void }) {
  return (
    <label>
      <input type="checkbox" checked={on} onChange={(event) => set(event.target.checked)} />
      {label}
    </label>
  );
}

const STEPS = 100;

function Sliders({ legend }: { legend: Legend }) {
  const commands = useCommands();
  const style = useApp((s) => s.style);
  const attention = legend.value === 'attention';
  const most = attention ? 1 : legend.domain[1];
  const set = (change: Partial<typeof style>) => commands?.bench.setStyle(change);
  return (
    <div className="sliders">
      {legend.value !== 'type' && (
        <>
          <label htmlFor="threshold">Threshold</label>
          <input
            id="threshold"
            type="range"
            min={0}
            max={most}
            step={most / STEPS}
            value={style.threshold}
            onChange={(event) => set({ threshold: Number(event.target.value) })}
          />
          <output htmlFor="threshold">
            {attention
              ? `top ${Math.round((1 - style.threshold) * 100)}\u00a0%`
              : `±${style.threshold.toPrecision(2)}`}
          </output>
        </>
      )}
      <label htmlFor="opacity">Opacity</label>
      <input
        id="opacity"
        type="range"
        min={0.1}
        max={1}
        step={0.01}
        value={style.opacity}
        onChange={(event) => set({ opacity: Number(event.target.value) })}
      />
      <output htmlFor="opacity">{Math.round(style.opacity * 100)} %</output>
    </div>
  );
}
