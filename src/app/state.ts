/**
 * What React reads: ids, summaries and choices. Cells, pixels and models stay in the workbench;
 * nothing here is larger than a screenful.
 */
import { create } from 'zustand';
import type { LoadedKit, LoadedModel, ModelEntry } from '../analysis/analysis.ts';
import type { CellExplanation } from '../analysis/explain.ts';
import type { RegionScore } from '../analysis/score.ts';
import type { ScreenTransform } from '../core/affine.ts';
import type { CytolensError } from '../core/errors.ts';
import type { Point, Rect } from '../core/geometry.ts';
import type { Legend } from '../overlay/legend.ts';
import type { OverlayStyle, ShownMode } from '../overlay/style.ts';
import type { CatalogEntry } from '../slide/catalog.ts';
import type { SlideInfo, SlideSource } from '../slide/slide.ts';
import { type AnnotateState, NO_ANNOTATIONS } from './annotate/state.ts';
import { type AuditState, NO_AUDIT } from './audit/state.ts';
import { type CasesState, NO_CASES } from './cases/state.ts';
import { type ExplainState, NOTHING_EXPLAINED } from './explain-state.ts';
import { type GatesState, NO_GATES } from './gates-state.ts';
import { keptLook, type LookState } from './look/state.ts';
import { type MolecularState, NO_MOLECULAR } from './molecular/state.ts';
import { NO_PANES, type PanesState } from './panes/state.ts';
import { NO_RETRIEVAL, type RetrievalState } from './retrieval/state.ts';
import { RUN_STATE, type RunState } from './run-state.ts';
import { NO_SPOTS, type SpotsState } from './spots/state.ts';
import { NO_STUDY, type StudyState } from './study/session.ts';
import type { TopCells } from './top-cells.ts';
import { NO_TRANSFER, type TransferState } from './transfer-state.ts';
import { NO_TRUST, type TrustState } from './trust/state.ts';
import { NO_VIEW_STATE, type ViewState } from './view-state.ts';

export interface OpenedSlide {
  info: SlideInfo;
  source: SlideSource;
  /** um per level-0 px: the slide's own, or what the user entered. */
  mpp: number | null;
  mppFrom: 'slide' | 'user' | null;
}

/** A slide that can be chosen: a row of a catalog, resolved. */
export interface SlideChoice {
  name: string;
  detail: string;
  source: SlideSource;
  entry?: CatalogEntry;
}

export type Dialog =
  | { kind: 'open' }
  | { kind: 'help' }
  | { kind: 'models' }
  | { kind: 'study' }
  | { kind: 'beside' }
  | { kind: 'audit' }
  | { kind: 'scale'; next: 'analyse' | 'analyse slide' | 'nothing' }
  | { kind: 'large'; region: Rect; fields: number; um: { w: number; h: number } };

export interface Notice {
  tone: 'error' | 'info';
  message: string;
  detail: string;
}

/** The panels at the right edge. */
export type PanelId = 'evidence' | 'cells' | 'region' | 'trust' | 'molecular' | 'marks' | 'results';

export interface AppState
  extends RunState,
    GatesState,
    TransferState,
    CasesState,
    AnnotateState,
    LookState,
    MolecularState,
    ExplainState,
    StudyState,
    PanesState,
    RetrievalState,
    SpotsState,
    TrustState,
    AuditState,
    ViewState {
  slide: OpenedSlide | null;
  opening: string | null;
  local: SlideChoice[];
  web: SlideChoice[];
  transform: ScreenTransform | null;
  models: LoadedModel[];
  kit: LoadedKit | null;
  /** Every model at hand, the user's own included. */
  entries: ModelEntry[];
  /** The head that is being started, or the folder that is being checked. */
  preparing: string | null;
  kitError: CytolensError | null;
  score: RegionScore | null;
  cells: number;
  top: TopCells;
  style: OverlayStyle;
  shown: ShownMode;
  legend: Legend | null;
  selection: CellExplanation | null;
  hovered: { index: number; at: Point } | null;
  dialog: Dialog | null;
  notice: Notice | null;
  panel: PanelId;
  panelsHidden: boolean;
  presenting: boolean;
}

export const DEFAULT_STYLE: OverlayStyle = {
  mode: 'cells',
  value: 'contribution',
  opacity: 0.62,
  threshold: 0,
};

export const useApp = create<AppState>(() => ({
  ...NOTHING_EXPLAINED,
  ...NO_STUDY,
  ...RUN_STATE,
  ...NO_GATES,
  ...NO_TRANSFER,
  ...NO_CASES,
  ...NO_ANNOTATIONS,
  ...keptLook(),
  ...NO_MOLECULAR,
  ...NO_VIEW_STATE,
  ...NO_PANES,
  ...NO_RETRIEVAL,
  ...NO_SPOTS,
  ...NO_TRUST,
  ...NO_AUDIT,
  slide: null,
  opening: null,
  local: [],
  web: [],
  transform: null,
  models: [],
  kit: null,
  entries: [],
  preparing: null,
  kitError: null,
  score: null,
  cells: 0,
  top: { supporting: [], opposing: [] },
  style: DEFAULT_STYLE,
  shown: 'none',
  legend: null,
  selection: null,
  hovered: null,
  dialog: null,
  notice: null,
  panel: 'evidence',
  panelsHidden: false,
  presenting: false,
}));

export const { getState, setState } = useApp;

/** Say what went wrong; what was open stays open. Cancelling is not worth a word. */
export function report(error: CytolensError): void {
  if (error.tag === 'cancelled') return;
  setState({ notice: { tone: 'error', message: error.message, detail: error.detail } });
}
