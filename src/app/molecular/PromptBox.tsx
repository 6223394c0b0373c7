import { FileUp } from 'lucide-react';
import { useState } from 'react';
import { toCytolensError } from '../../core/errors.ts';
import { readableName } from '../../molecular/prompt.ts';
import { useCommands } from '../context.ts';
import { TaskProgress } from '../panels/region/TaskProgress.tsx';
import { useApp } from '../state.ts';
import { MatchedGenes } from './MatchedGenes.tsx';
import { SavedPrompts } from './SavedPrompts.tsx';
import { SetPicker } from './SetPicker.tsx';

/** Choose a set, paste genes or open a file; take another set's genes out; ask. */
export function PromptBox() {
  const commands = useCommands();
  const { way, chosen, pasted, without, draft, asking } = useApp((s) => s.molecular);
  const analysed = useApp((s) => s.score !== null && s.imported === null);
  const [withoutOpen, setWithoutOpen] = useState(false);
  if (!commands) return null;
  const { prompting } = commands;
  return (
    <section aria-label="Ask for a gene set" className="prompt-box">
      <h2>Ask for a gene set</h2>
      <fieldset className="bare-set prompt-ways" aria-label="Where the genes come from">
        <Way on={way === 'set'} text="Choose a set" press={() => prompting.draft({ way: 'set' })} />
        <Way
          on={way === 'paste'}
          text="Paste genes"
          press={() => prompting.draft({ way: 'paste' })}
        />
        <OpenGmt />
      </fieldset>
      {way === 'set' ? (
        <SetPicker
          key={chosen?.name}
          label="Gene set"
          chosen={chosen}
          choose={(set) => prompting.draft({ chosen: set })}
        />
      ) : (
        <textarea
          className="prompt-paste"
          aria-label="Genes"
          rows={4}
          spellCheck={false}
          placeholder="CD3D, CD8A, GZMA … symbols, Ensembl ids; any separator"
          value={pasted}
          onChange={(event) => prompting.draft({ pasted: event.target.value })}
        />
      )}
      {withoutOpen || without ? (
        <div>
          <div className="row small">
            <span className="quiet">without the genes of</span>
            <button
              type="button"
              className="link"
              onClick={() => {
                setWithoutOpen(false);
                prompting.draft({ without: null });
              }}
            >
              Remove
            </button>
          </div>
          <SetPicker
            key={without?.name}
            label="Set to take out"
            chosen={without}
            choose={(set) => prompting.draft({ without: set })}
          />
        </div>
      ) : (
        <button type="button" className="link small" onClick={() => setWithoutOpen(true)}>
          Take another set’s genes out
        </button>
      )}
      {draft && <MatchedGenes prompt={draft} />}
      <div className="row">
        {asking ? (
          <button type="button" className="btn line" onClick={() => prompting.cancel()}>
            Cancel
          </button>
        ) : (
          <button
            type="button"
            className="btn main"
            disabled={!analysed || !draft || draft.refusal !== null}
            onClick={() => void prompting.askShown()}
          >
            Ask
          </button>
        )}
        {draft && !draft.refusal && <SaveButton name={readableName(draft.set.name)} />}
      </div>
      {!analysed && <p className="faint small">Analyse a view first: its fields will answer.</p>}
      {asking && asking.total > 0 && (
        <TaskProgress done={asking.done} total={asking.total} what="Asking" />
      )}
      <SavedPrompts open={(set) => prompting.draft({ way: 'set', chosen: set, without: null })} />
    </section>
  );
}

function Way({ on, text, press }: { on: boolean; text: string; press: () => void }) {
  return (
    <button type="button" className="btn line" aria-pressed={on} onClick={press}>
      {text}
    </button>
  );
}

/** Sets of a file join those that can be chosen. */
function OpenGmt() {
  const commands = useCommands();
  const [said, setSaid] = useState<{ tone: 'good' | 'bad'; text: string } | null>(null);
  const open = async (file: File) => {
    try {
      const found = await commands?.prompting.openGmt(file);
      setSaid({
        tone: 'good',
        text: `${found?.toLocaleString('en')} sets of ${file.name} can be chosen.`,
      });
    } catch (error) {
      setSaid({ tone: 'bad', text: toCytolensError(error).message });
    }
  };
  return (
    <>
      <label className="btn line">
        <FileUp size={14} aria-hidden="true" /> GMT …
        <input
          type="file"
          hidden
          aria-label="GMT file"
          accept=".gmt,.gz,.txt"
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file) void open(file);
            event.target.value = '';
          }}
        />
      </label>
      {said && (
        <p
          className={`small prompt-said ${said.tone}`}
          role={said.tone === 'bad' ? 'alert' : 'status'}
        >
          {said.text}
        </p>
      )}
    </>
  );
}

/** The prompt is kept with the slide under a name of its own. */
function SaveButton({ name }: { name: string }) {
  const commands = useCommands();
  return (
    <button type="button" className="link" onClick={() => commands?.prompting.save(name)}>
      Save with the slide
    </button>
  );
}
