/** How far a question is, in fields. */
export function TaskProgress(props: { done: number; total: number; what: string }) {
  const { done, total, what } = props;
  return (
    <div className="quiet small">
      <progress className="track" value={done} max={Math.max(1, total)} aria-label={what} />
      <span aria-live="polite">
        {what}
        {total > 0 && `: ${done} of ${total} fields`}
      </span>
    </div>
  );
}
