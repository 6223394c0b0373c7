/** Files to the user's disk: through a dialog where the browser has one, else as a download. */

type SavePicker = (options: {
  suggestedName: string;
  types: { accept: Record<string, string[]> }[];
}) => Promise<FileSystemFileHandle>;

/** The browser reads the address of a download after the click; it must still be there then. */
const KEEP_ADDRESS_MS = 60_000;

/**
 * Ask where to save. Null where the browser cannot ask. Must be called in answer to a click.
 * Throws AbortError (which becomes `cancelled`) when the user closes the dialog.
 */
export async function pickTarget(name: string, mime: string): Promise<FileSystemFileHandle | null> {
  const { showSaveFilePicker } = window as { showSaveFilePicker?: SavePicker };
  if (!showSaveFilePicker) return null;
  const ending = name.slice(name.lastIndexOf('.'));
  return await showSaveFilePicker({
    suggestedName: name,
    types: [{ accept: { [mime]: [ending] } }],
  });
}

/** Put a file among the downloads. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_ADDRESS_MS);
}

/** A file's name from a slide's: letters, digits, points and dashes. */
export function fileName(slide = '', suffix = ''): string {
  return (slide.replace(/[^\w.-]+/g, '-').replace(/^-+|-+$/g, '') || 'slide') + suffix;
}

/** '1.2 MB', from bytes. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
}
