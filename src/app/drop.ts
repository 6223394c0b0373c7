/** Slides and files of cells dragged onto the page are opened from disk; nothing is uploaded. */
import { useEffect, useState } from 'react';
import { CELL_FILES } from '../store/import/import.ts';
import type { Commands } from './commands.ts';
import { setState } from './state.ts';

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
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 1) {
        setState({
          notice: {
            tone: 'info',
            message: `Only one file is opened at a time: ${files[0].name}.`,
            detail: '',
          },
        });
      }
      const [file] = files;
      if (!file) return;
      if (CELL_FILES.test(file.name)) void commands.transfers.importShown(file);
      else void commands.openShown({ kind: 'file', file });
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
