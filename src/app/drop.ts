/** Slides, folders and files of cells dragged onto the page are opened from disk, never uploaded. */
import { useEffect, useState } from 'react';
import type { Commands } from './commands.ts';
import { takeDropped } from './opening/dropped.ts';
import { openDropped } from './opening/open-chosen.ts';

/** True while a file hovers over the page. */
export function useDrop(commands: Commands | null): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!commands) return;
    const abort = new AbortController();
    const { signal } = abort;
    const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const onOver = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer) void openDropped(takeDropped(event.dataTransfer), commands);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    document.addEventListener('dragover', onOver, { signal });
    document.addEventListener('drop', onDrop, { signal });
    document.addEventListener('dragleave', onLeave, { signal });
    return () => abort.abort();
  }, [commands]);
  return over;
}
