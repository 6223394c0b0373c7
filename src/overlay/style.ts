/** What the overlay shows and how: plain values, so that they can live in a store or a URL. */
import type { ScreenTransform } from '../core/affine.ts';
import { type ColorMapName, cssColor, type SequentialMap } from '../core/colormap.ts';
import { typeColours } from '../core/palette.ts';
import { type Gate, OPEN_GATE } from './gate.ts';

export type OverlayMode = 'cells' | 'heatmap' | 'off';
export type OverlayValue = 'type' | 'attention' | 'contribution';
/** What is on screen: in mode `cells` the grid takes over where cells get too small to see. */
export type ShownMode = 'cells' | 'grid' | 'none';
/**
 * How attention is coloured: `density` is A_c / area, `rank` the share of analysed cells of lower
 * density (methods sheet, section 1). Never A_c alone, by which large cells win.
 */
export type AttentionScale = 'density' | 'rank';

/**
 * Whose logit a cell's values are of: its field's, or the slide's, to which each field adds by its
 * weight (methods sheet, section 1).
 */
export type Level = 'field' | 'slide';

/** Values at the two ends of a colour map. */
export type Domain = readonly [low: number, high: number];

export interface OverlayStyle {
  mode: OverlayMode;
  value: OverlayValue;
  /** Of the fill, 0..1. */
  opacity: number;
  /**
   * What is under it is hidden. Attention: rank of a cell, 0..1. Contribution: |C|, logit units.
   * Type: not used. A grid square is held to the same rank among squares, or the same |sum|.
   */
  threshold: number;
  /** Default: density. */
  attentionScale?: AttentionScale;
  /** Of the value per cell. Default: follows the table (see `Statistics.domain`). */
  domain?: Domain;
  /** Of the sum per grid square. Default: follows the grid. */
  gridDomain?: Domain;
  /** Of attention. Default: viridis. */
  sequential?: SequentialMap;
  /** Default: field. */
  level?: Level;
  /** Which cells are shown, picked and summed. Default: all. */
  gate?: Gate;
  /** Smallest side of a grid square, um. It doubles until a square can be seen. Default: 32. */
  gridUm?: number;
  /** What a value column stands for when it is not what the value says: the legend's words. */
  renamed?: { title: string; unit: string; ends: readonly [low: string, high: string] };
  /** Interpolate between grid squares instead of showing blocks. */
  smooth?: boolean;
  /** Lines of equal value between grid squares; not for types. */
  lines?: boolean;
  /** Hatch grid squares of fewer than SPARSE_CELLS cells. Default: yes. */
  hatch?: boolean;
  /** Mean cell diameter, CSS px, below which the grid stands in for cells. Default: 2.5. */
  leastCellPx?: number;
}

/** A sum over fewer cells than this may hang on a single one: the square is hatched. */
export const SPARSE_CELLS = 3;
/** Steps of the colour scale between lines of equal value, from one end to the other. */
export const LINE_STEPS = 8;

export const GRID_UM = 32;
export const LEAST_CELL_PX = 2.5;

/** Contribution is diverging around zero, attention sequential. */
export function colorMapOf(style: Pick<OverlayStyle, 'value' | 'sequential'>): ColorMapName {
  return style.value === 'contribution' ? 'vik' : (style.sequential ?? 'viridis');
}

export function gateOf(style: OverlayStyle): Gate {
  return style.gate ?? OPEN_GATE;
}

export function hatchOf(style: OverlayStyle): boolean {
  return style.hatch ?? true;
}

/** Difference between two lines of equal value, in units of the domain; 0 where none are drawn. */
export function lineStepOf(style: OverlayStyle, [low, high]: Domain): number {
  return style.lines && style.value !== 'type' ? (high - low) / LINE_STEPS : 0;
}

export function levelOf(style: OverlayStyle): Level {
  return style.level ?? 'field';
}

/** CSS colour of a cell type, as the overlay draws it. */
export function typeColor(index: number, types: readonly string[]): string {
  return cssColor(typeColours(types)[index]);
}

/** Where level-0 px lie on the canvas, and how fine the canvas is. */
export interface OverlayView extends ScreenTransform {
  /** Canvas pixels per CSS px. */
  dpr: number;
}
