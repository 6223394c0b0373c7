/** Where a Zarr group lies, from the paths of its files alone. */
import { baseName, folderOf } from '../tree.ts';

const GROUP_FILE = /^(\.zattrs|\.zgroup|zarr\.json)$/;

/** The folder of a group that is named by itself or by one of its description files. */
export function groupOf(path: string): string {
  const group = GROUP_FILE.test(baseName(path)) ? folderOf(path) : path;
  return group.replace(/\/+$/, '');
}

/** The group that holds all of the files: the highest one; null when there is none, or several. */
export function rootGroup(paths: readonly string[]): string | null {
  const groups = paths.filter((path) => GROUP_FILE.test(baseName(path))).map(folderOf);
  if (groups.length === 0) return null;
  const root = groups.reduce((a, b) => (b.length < a.length ? b : a));
  const below = root === '' ? '' : `${root}/`;
  return groups.every((group) => group === root || group.startsWith(below)) ? root : null;
}

/** 'a/Block%203A.ome.zarr/0' -> 'Block 3A'. */
export function nameOf(group: string): string {
  const within = /([^/]+?)(?:\.ome)?\.zarr(?:\/|$)/i.exec(group)?.[1] ?? baseName(group);
  try {
    return decodeURIComponent(within);
  } catch {
    return within;
  }
}
