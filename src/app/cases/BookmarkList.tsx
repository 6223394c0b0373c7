import { BookmarkPlus, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useCommands } from '../context.ts';
import { useApp } from '../state.ts';
import type { Bookmark } from './bookmark.ts';

/** Places on the open slide, with captions. */
export function BookmarkList() {
  const commands = useCommands();
  const bookmarks = useApp((s) => s.bookmarks);
  const open = useApp((s) => s.slide !== null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const add = async () => setRenaming((await commands?.cases.bookmarks.add())?.id ?? null);
  return (
    <section className="rail-part bookmarks" aria-labelledby="bookmarks-title">
      <div className="row">
        <h2 id="bookmarks-title">Bookmarks</h2>
        <button
          type="button"
          className="btn icon"
          aria-label="Add a bookmark of this view"
          title="Add a bookmark of this view (B)"
          disabled={!open}
          onClick={() => void add()}
        >
          <BookmarkPlus size={16} aria-hidden="true" />
        </button>
      </div>
      {bookmarks.length === 0 && (
        <p className="faint small">
          None on this slide. <kbd>B</kbd> keeps what is on screen.
        </p>
      )}
      <ul>
        {bookmarks.map((bookmark) => (
          <li key={bookmark.id}>
            {renaming === bookmark.id ? (
              <Caption bookmark={bookmark} onDone={() => setRenaming(null)} />
            ) : (
              <Row bookmark={bookmark} onRename={() => setRenaming(bookmark.id)} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Row({ bookmark, onRename }: { bookmark: Bookmark; onRename: () => void }) {
  const commands = useCommands();
  const { caption, made } = bookmark;
  return (
    <div className="bookmark">
      <button
        type="button"
        className="bookmark-go"
        title={`${caption}\n${new Date(made).toLocaleString('en-GB')}`}
        onClick={() => commands?.cases.bookmarks.show(bookmark)}
      >
        {caption}
      </button>
      <button
        type="button"
        className="btn icon"
        aria-label={`Rename ${caption}`}
        onClick={onRename}
      >
        <Pencil size={14} aria-hidden="true" />
      </button>
      <button
        type="button"
        className="btn icon"
        aria-label={`Delete ${caption}`}
        onClick={() => void commands?.cases.bookmarks.remove(bookmark)}
      >
        <Trash2 size={14} aria-hidden="true" />
      </button>
    </div>
  );
}

/** Enter keeps the caption, Esc the former one; so does leaving it empty. */
function Caption({ bookmark, onDone }: { bookmark: Bookmark; onDone: () => void }) {
  const commands = useCommands();
  const [text, setText] = useState(bookmark.caption);
  const keep = () => {
    const caption = text.trim();
    if (caption && caption !== bookmark.caption) {
      void commands?.cases.bookmarks.rename(bookmark, caption);
    }
    onDone();
  };
  return (
    <input
      className="field"
      aria-label="Caption"
      maxLength={2000}
      value={text}
      // It was asked for just now.
      ref={(element) => {
        if (element && document.activeElement !== element) element.select();
      }}
      onChange={(event) => setText(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep();
        if (event.key === 'Escape') onDone();
      }}
    />
  );
}
