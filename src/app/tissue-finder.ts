/** The tissue of the slide before it is analysed: found, shown, corrected by hand. */
import { planSlide, type TissueMask, tissueArea } from '../analysis/mask.ts';
import { fieldSideOf } from '../analysis/plan.ts';
import { GLASS, PEN, TISSUE } from '../analysis/tissue.ts';
import { toCytolensError } from '../core/errors.ts';
import type { Tissue } from './run-state.ts';
import { getState, report, setState } from './state.ts';
import type { Workbench } from './workbench.ts';

/** Radius of the brush at first, screen px. */
const BRUSH_PX = 28;
const FINDING: Tissue = {
  stage: 'finding',
  share: 0,
  area: 0,
  fields: 0,
  pen: 0,
  brush: { kind: 'tissue', radius: BRUSH_PX },
};

export class TissueFinder {
  private mask: TissueMask | null = null;
  private finding: AbortController | null = null;

  constructor(private readonly bench: Workbench) {
    bench.onPainted = () => this.measure();
  }

  /** Find tissue and show it, to be corrected or analysed; `mpp` is um per level-0 px. */
  async find(mpp: number): Promise<void> {
    this.leave();
    const abort = new AbortController();
    this.finding = abort;
    setState({ tissue: FINDING, notice: null });
    const onProgress = (share: number) =>
      setState(({ tissue }) => ({ tissue: tissue && { ...tissue, share } }));
    try {
      const { signal } = abort;
      const mask = await this.bench.engine.call('findTissue', { mpp }, { signal, onProgress });
      if (signal.aborted) return;
      this.show(mask);
      setState({ tissue: { ...FINDING, stage: 'found', share: 1 } });
      this.measure();
    } catch (error) {
      setState({ tissue: null });
      report(toCytolensError(error));
    }
  }

  /** Paint tissue in or out; `null` ends painting. */
  paint(brush: Tissue['brush'] | null): void {
    const { tissue } = getState();
    if (!tissue) return;
    const stage = brush ? 'painting' : 'found';
    setState({ tissue: { ...tissue, stage, brush: brush ?? tissue.brush } });
    const kind = brush?.kind === 'tissue' ? TISSUE : GLASS;
    this.bench.tissue.setBrush(brush && { kind, radius: brush.radius });
  }

  /** Put the mask away; returns it as it was painted. */
  leave(): TissueMask | null {
    const { mask } = this;
    this.finding?.abort();
    this.paint(null);
    this.show(null);
    setState({ tissue: null });
    return mask;
  }

  private show(mask: TissueMask | null): void {
    this.mask = mask;
    this.bench.tissue.show(mask);
  }

  private measure(): void {
    const { slide, kit } = getState();
    const { mask } = this;
    if (!mask || !slide?.mpp || !kit) return;
    const side = fieldSideOf(kit.fieldUm, slide.mpp);
    const fields = planSlide(mask, side, this.bench.viewer.view()).length;
    const area = tissueArea(mask, slide.mpp);
    const count = (kind: number) => mask.kinds.reduce((n, k) => n + (k === kind ? 1 : 0), 0);
    const pens = count(PEN);
    const pen = pens === 0 ? 0 : pens / (pens + count(TISSUE));
    setState(({ tissue }) => ({ tissue: tissue && { ...tissue, area, fields, pen } }));
  }
}
