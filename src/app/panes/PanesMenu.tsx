import { Columns2 } from 'lucide-react';
import { useState } from 'react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { useCommands } from '../context.ts';
import { setState, useApp } from '../state.ts';
import { comparableHeads } from './heads.ts';
import { MAX_PANES, type PaneMode } from './state.ts';

/** One button: further panes, how they lie, and heads side by side. */
export function PanesMenu() {
  const [open, setOpen] = useState(false);
  const slide = useApp((s) => s.slide);
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button className="btn" isDisabled={!slide}>
        <Columns2 size={16} aria-hidden="true" /> Panes
      </Button>
      <Popover className="panes-menu" placement="bottom end">
        <Dialog aria-label="Panes" className="panes-menu-body">
          <AddSection close={() => setOpen(false)} />
          <ModeSection />
          <CompareSection close={() => setOpen(false)} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function AddSection({ close }: { close: () => void }) {
  const commands = useCommands();
  const full = useApp((s) => s.panes.length + 1 >= MAX_PANES);
  const add = (what: () => void) => () => {
    close();
    what();
  };
  return (
    <section aria-label="Add a pane">
      <h2>Add a pane</h2>
      <div className="row gap">
        <button
          type="button"
          className="btn line"
          disabled={full}
          onClick={add(() => void commands?.panes.addShown())}
        >
          This slide again <kbd>\</kbd>
        </button>
        <button
          type="button"
          className="btn line"
          disabled={full}
          onClick={add(() => setState({ openInPane: true, dialog: { kind: 'open' } }))}
        >
          Another slide …
        </button>
      </div>
      {full && <p className="faint small">{MAX_PANES} slides are open. Close a pane first.</p>}
    </section>
  );
}

const MODES: [PaneMode, string][] = [
  ['side', 'Side by side'],
  ['swipe', 'Swipe'],
  ['blink', 'Blink'],
];

function ModeSection() {
  const commands = useCommands();
  const panes = useApp((s) => s.panes);
  const mode = useApp((s) => s.paneMode);
  const onTop = useApp((s) => s.cellsOnTop);
  const set = commands?.panes;
  const first = panes[0];
  const locked = panes.length > 0 && panes.every((pane) => pane.locked);
  return (
    <section aria-label="Layout">
      <h2>Layout</h2>
      <fieldset className="segments" aria-label="Layout of the panes">
        {MODES.map(([value, label]) => (
          <button
            key={value}
            type="button"
            aria-pressed={mode === value}
            disabled={!first}
            onClick={() => set?.setMode(value)}
          >
            {label}
          </button>
        ))}
      </fieldset>
      <p className="faint small">
        {first
          ? `Swipe and blink lay pane ${first.n} over the main pane.`
          : 'Add a pane first. Swipe and blink lay it over the main pane.'}
      </p>
      <label className="check">
        <input
          type="checkbox"
          checked={onTop}
          onChange={(event) => set?.set({ cellsOnTop: event.target.checked })}
        />
        Cells of the main pane over both slides
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={locked}
          disabled={!first}
          onChange={(event) => set?.lockAll(event.target.checked)}
        />
        All panes move together <kbd>;</kbd>
      </label>
    </section>
  );
}

function CompareSection({ close }: { close: () => void }) {
  const commands = useCommands();
  const kit = useApp((s) => s.kit);
  const entries = useApp((s) => s.entries);
  const ready = useApp((s) => s.cells > 0 && s.imported === null && s.run.phase !== 'running');
  const heads = kit ? comparableHeads(kit, entries) : [];
  return (
    <section aria-label="Two heads">
      <h2>Two heads side by side</h2>
      <p className="faint small">
        {ready
          ? `A: ${kit?.head.status.name}, in the main pane. B beside it, and B − A, cell by cell.`
          : 'Analyse some tissue first.'}
      </p>
      <select
        aria-label="Head B"
        value=""
        disabled={!ready || heads.length === 0}
        onChange={(event) => {
          close();
          void commands?.panes.comparing.compareShown(event.target.value);
        }}
      >
        <option value="" disabled>
          Choose head B
        </option>
        {heads.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </section>
  );
}
