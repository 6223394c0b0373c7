import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';

interface VirtualListProps<Row> {
  label: string;
  rows: readonly Row[];
  /** CSS px; all rows are alike. */
  rowHeight: number;
  keyOf: (row: Row) => string;
  /** Place of the row that is shown, or -1: what Tab enters at. */
  current: number;
  /** What the rows were searched for: another search begins at the top. */
  search: string;
  /** One row; `tab` is the tabIndex of its controls. */
  children: (row: Row, tab: 0 | -1) => ReactNode;
}

/** Rows kept above and below what is seen. */
const SPARE = 6;
const MOVES: Record<string, (at: number, page: number, last: number) => number> = {
  ArrowUp: (at) => at - 1,
  ArrowDown: (at) => at + 1,
  PageUp: (at, page) => at - page,
  PageDown: (at, page) => at + page,
  Home: () => 0,
  End: (_, __, last) => last,
};

/** A list of any length: only the rows in view are there. Arrow keys move through all of it. */
export function VirtualList<Row>(props: VirtualListProps<Row>) {
  const { label, rows, rowHeight, keyOf, current, search, children } = props;
  const box = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [moved, setMoved] = useState<number | null>(null);
  const last = rows.length - 1;
  const active = Math.min(last, Math.max(0, moved ?? current));

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the search changes
  useEffect(() => {
    setMoved(null);
    if (box.current) box.current.scrollTop = 0;
  }, [search]);

  // A slide opened elsewhere (a link, a key) comes into sight.
  useEffect(() => {
    setMoved(null);
    if (current >= 0) bringIntoSight(box.current, current, rowHeight);
  }, [current, rowHeight]);

  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    const row = box.current?.querySelector<HTMLElement>(`[data-row="${active}"] button`);
    row?.focus({ preventScroll: true });
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (!move || last < 0) return;
    event.preventDefault();
    // The same keys move the slide.
    event.stopPropagation();
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const to = Math.min(last, Math.max(0, move(active, page, last)));
    wantsFocus.current = true;
    setMoved(to);
    bringIntoSight(box.current, to, rowHeight);
    setTop(box.current?.scrollTop ?? 0);
  };

  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE);
  const end = Math.min(rows.length, Math.ceil((top + height) / rowHeight) + SPARE);
  return (
    // The list itself is no control; its rows' buttons are, and they hear the keys here.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      className="virtual"
      ref={box}
      onKeyDown={onKeyDown}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <ul aria-label={label} style={{ height: rows.length * rowHeight }}>
        {rows.slice(first, end).map((row, i) => {
          const at = first + i;
          return (
            <li
              key={keyOf(row)}
              data-row={at}
              aria-setsize={rows.length}
              aria-posinset={at + 1}
              style={{ top: at * rowHeight, height: rowHeight }}
            >
              {children(row, at === active ? 0 : -1)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function bringIntoSight(box: HTMLElement | null, at: number, rowHeight: number): void {
  if (!box) return;
  const [from, to] = [at * rowHeight, (at + 1) * rowHeight];
  if (from < box.scrollTop) box.scrollTop = from;
  else if (to > box.scrollTop + box.clientHeight) box.scrollTop = to - box.clientHeight;
}
