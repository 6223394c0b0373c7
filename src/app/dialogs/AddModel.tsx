import { FolderPlus } from 'lucide-react';
import { useState } from 'react';
import type { ModelEntry, ModelSource } from '../../analysis/analysis.ts';
import { toCytolensError } from '../../core/errors.ts';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';

/** What to do with a model that was taken in. */
const NEXT: Record<ModelEntry['role'], string> = {
  head: 'Choose it with “Use”.',
  encoder: 'Now add a head that was trained on its tokens.',
  alignment: 'It answers gene sets wherever its encoder is in use.',
  segmenter: '',
};

/** A model folder of the user's own, from this disk or by address. */
export function AddModel() {
  const commands = useCommands();
  const preparing = useApp((s) => s.preparing);
  const [address, setAddress] = useState('');
  const [answer, setAnswer] = useState<{ tone: 'good' | 'bad'; text: string } | null>(null);

  const add = async (source: ModelSource) => {
    setAnswer(null);
    try {
      const added = await commands?.addModel(source);
      if (!added) return;
      setAnswer({
        tone: 'good',
        text: `${added.name} is checked and listed. ${NEXT[added.role]}`,
      });
      setAddress('');
    } catch (error) {
      setAnswer({ tone: 'bad', text: toCytolensError(error).message });
    }
  };

  return (
    <section className="add-model" aria-label="Add a model">
      <label className="btn line">
        <FolderPlus size={16} aria-hidden="true" /> Add a model folder …
        <input
          type="file"
          hidden
          multiple
          aria-label="Model folder"
          disabled={preparing !== null}
          {...{ webkitdirectory: '' }}
          onChange={(event) => {
            const files = [...(event.target.files ?? [])].filter(isAtTop);
            if (files.length > 0) void add({ kind: 'folder', name: folderOf(files[0]), files });
            event.target.value = '';
          }}
        />
      </label>
      <form
        className="row gap"
        onSubmit={(event) => {
          event.preventDefault();
          const url = address.trim();
          if (url) void add({ kind: 'url', url });
        }}
      >
        <label className="grow">
          Address of a model folder
          <input
            value={address}
            onChange={(event) => setAddress(event.target.value)}
            placeholder="https://…/my-encoder/"
            spellCheck={false}
          />
        </label>
        <button type="submit" className="btn line" disabled={!address.trim() || preparing !== null}>
          Add
        </button>
      </form>
      {preparing && <p className="faint small">Checking and starting {preparing} …</p>}
      {answer && (
        <p className={`small ${answer.tone}`} role={answer.tone === 'bad' ? 'alert' : 'status'}>
          {answer.text}
        </p>
      )}
      <p className="faint small">
        Files are read here and never uploaded. They are kept until the page is closed.
      </p>
    </section>
  );
}

/** A folder picker gives the files of subfolders too; a model folder has none of interest. */
function isAtTop(file: File): boolean {
  return file.webkitRelativePath.split('/').length <= 2;
}

function folderOf(file: File): string {
  return file.webkitRelativePath.split('/')[0] || file.name;
}
