import { X } from 'lucide-react';
import { setState, useApp } from '../state.ts';

/** A sentence that says what is wrong and what to do, the cause folded under it. */
export function NoticeBar() {
  const notice = useApp((s) => s.notice);
  if (!notice) return null;
  return (
    <div
      className={`float notice ${notice.tone}`}
      role={notice.tone === 'error' ? 'alert' : 'status'}
    >
      <div>
        <p>{notice.message}</p>
        {notice.detail && (
          <details>
            <summary>Details</summary>
            <code>{notice.detail}</code>
          </details>
        )}
      </div>
      <button
        type="button"
        className="btn icon"
        aria-label="Dismiss"
        onClick={() => setState({ notice: null })}
      >
        <X size={16} aria-hidden="true" />
      </button>
    </div>
  );
}
