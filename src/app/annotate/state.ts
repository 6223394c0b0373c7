/** Annotations as React reads them: the list itself stays in the Annotator. */
import { type Classification, DEFAULT_CLASSES } from '../../annotation/annotation.ts';
import type { ToolId } from './tools.ts';

export interface AnnotateState {
  annotate: {
    /** The tool in hand; null while nothing is annotated. */
    tool: ToolId | null;
    /** Goes up with every change of the list. */
    version: number;
    count: number;
    /** Id of the shape that is selected. */
    selected: string | null;
    canUndo: boolean;
    canRedo: boolean;
    /** Classes to choose from, in order, and the name of the one that new shapes get. */
    classes: readonly Classification[];
    drawClass: string | null;
    /** Names of classes that are not drawn. */
    hidden: readonly string[];
    /** Radius of the brush, screen px. */
    brush: number;
    /** Why annotations are not kept in the browser; null while they are. */
    notKept: string | null;
    /** A file being read, and the share of it that was. */
    reading: { name: string; share: number } | null;
  };
}

export const NO_ANNOTATIONS: AnnotateState = {
  annotate: {
    tool: null,
    version: 0,
    count: 0,
    selected: null,
    canUndo: false,
    canRedo: false,
    classes: DEFAULT_CLASSES,
    drawClass: DEFAULT_CLASSES[0].name,
    hidden: [],
    brush: 24,
    notKept: null,
    reading: null,
  },
};
