import { useEffect, useState } from 'react';
import type { Annotation } from '../../annotation/annotation.ts';
import { isArea } from '../../annotation/geometry.ts';
import { isCytolensError, toCytolensError } from '../../core/errors.ts';
import { useCommands } from '../context.ts';
import { report, useApp } from '../state.ts';
import { type CellCounts, countCells } from './counting.ts';

/** Counted so long after the last change, ms. */
const SETTLED_MS = 400;
/** Areas counted: each is a pass over all cells. */
const MOST_AREAS = 500;
const NOTHING: ReadonlyMap<string, CellCounts> = new Map();

/** Cells in each area of the list, by id; they come a moment after a change. */
export function useCellCounts(list: readonly Annotation[]): ReadonlyMap<string, CellCounts> {
  const commands = useCommands();
  const cells = useApp((s) => s.cells);
  const mpp = useApp((s) => s.slide?.mpp ?? null);
  const [counts, setCounts] = useState(NOTHING);
  useEffect(() => {
    if (!commands || cells === 0 || mpp === null) {
      setCounts(NOTHING);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const areas = list.filter(({ geometry }) => isArea(geometry)).slice(0, MOST_AREAS);
      const { cells: table, analysed } = commands.bench;
      countCells(areas, table, analysed, mpp, abort.signal).then(setCounts, (error) => {
        if (!isCytolensError(error, 'cancelled')) report(toCytolensError(error));
      });
    }, SETTLED_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [commands, list, cells, mpp]);
  return counts;
}
