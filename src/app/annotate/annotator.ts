/**
 * The annotations of the open slide: their list, selection, undo and keeping. What is drawn and
 * listed follows `onChange`; React reads the summary in the state.
 */
import {
  type Annotation,
  type Classification,
  classOf,
  createAnnotation,
  DEFAULT_CLASSES,
  withGeometry,
} from '../../annotation/annotation.ts';
import { subtract, sweep, union } from '../../annotation/brush.ts';
import { type Coordinates, type Geometry, isArea, moved } from '../../annotation/geometry.ts';
import { History } from '../../annotation/history.ts';
import { toCytolensError } from '../../core/errors.ts';
import { getState, report, setState, useApp } from '../state.ts';
import { Keeping } from './keeping.ts';
import type { AnnotateState } from './state.ts';
import type { Kept } from './store.ts';

type Change = Partial<Pick<Annotation, 'name' | 'note' | 'locked' | 'classification'>>;

export class Annotator {
  private readonly history = new History<Annotation>();
  private readonly keeping: Keeping;
  private readonly listeners = new Set<() => void>();
  private byId: Map<string, Annotation> | null = null;
  private slideId: string | null = null;
  private readonly unsubscribe: () => void;
  /** A shape as it is while it is dragged; the list follows when it is let go. */
  preview: Annotation | null = null;

  constructor() {
    this.keeping = new Keeping((kept) => this.restored(kept));
    const follow = () => this.showSlide(getState().slide?.info.id ?? null);
    this.unsubscribe = useApp.subscribe((state, before) => {
      if (state.slide?.info.id !== before.slide?.info.id) follow();
    });
    follow();
  }

  get list(): readonly Annotation[] {
    return this.history.present;
  }

  get(id: string | null): Annotation | null {
    if (id === null) return null;
    this.byId ??= new Map(this.list.map((annotation) => [annotation.id, annotation]));
    return this.byId.get(id) ?? null;
  }

  get selected(): Annotation | null {
    return this.get(getState().annotate.selected);
  }

  /** Called after every change of list, preview or selection; gives how to stop. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Add shapes as one step; one of a known id takes the place of the former. */
  add(annotations: readonly Annotation[]): void {
    const added = new Map(annotations.map((annotation) => [annotation.id, annotation]));
    const list = this.list.map((annotation) => {
      const replacement = added.get(annotation.id);
      added.delete(annotation.id);
      return replacement ?? annotation;
    });
    this.change([...list, ...added.values()]);
  }

  /** A shape drawn by hand gets the class in hand, and is selected. */
  draw(geometry: Geometry, measurement: boolean): void {
    const { classes, drawClass } = getState().annotate;
    // A measurement is of no class: it does not take part in a class's areas.
    const chosen = classes.find(({ name }) => name === drawClass) ?? null;
    const classification = measurement ? null : chosen;
    const kind = measurement ? 'measurement' : 'annotation';
    const made = createAnnotation(geometry, { classification, kind });
    this.add([made]);
    this.select(made.id);
  }

  /** Add a brush stroke to the selected area, or take it away; without one it is a new area. */
  paint(points: Coordinates, radius: number, erase: boolean): void {
    const target = this.selected;
    const open = target && isArea(target.geometry) && !target.locked ? target : null;
    try {
      const swept = sweep(points, radius);
      if (!open) {
        if (!erase) this.draw({ kind: 'polygons', polygons: swept }, false);
        return;
      }
      const shape = (erase ? subtract : union)(open.geometry, swept);
      if (shape.kind === 'polygons' && shape.polygons.length === 0) this.remove([open.id]);
      else this.add([withGeometry(open, shape)]);
    } catch (error) {
      report(toCytolensError(error));
    }
  }

  update(id: string, change: Change): void {
    const annotation = this.get(id);
    if (annotation) this.add([{ ...annotation, ...change }]);
  }

  /** Move an unlocked shape by level-0 px. */
  nudge(id: string, dx: number, dy: number): void {
    const annotation = this.get(id);
    if (!annotation || annotation.locked) return;
    this.add([withGeometry(annotation, moved(annotation.geometry, dx, dy))]);
  }

  /** Remove shapes that are not locked. */
  remove(ids: readonly string[]): void {
    const gone = new Set(ids.filter((id) => this.get(id)?.locked === false));
    if (gone.size > 0) this.change(this.list.filter(({ id }) => !gone.has(id)));
  }

  /** Replace the whole list, as one step. */
  replace(annotations: readonly Annotation[]): void {
    this.change(annotations);
  }

  undo(): void {
    this.history.undo();
    this.changed();
  }

  redo(): void {
    this.history.redo();
    this.changed();
  }

  select(id: string | null): void {
    this.set({ selected: id });
    this.tell();
  }

  showPreview(preview: Annotation | null): void {
    this.preview = preview;
    this.tell();
  }

  /** Make a class known, or give a known one another colour, on every shape that has it. */
  addClass(added: Classification): void {
    const { classes } = getState().annotate;
    const known = classes.some(({ name }) => name === added.name);
    this.set({
      classes: known
        ? classes.map((each) => (each.name === added.name ? added : each))
        : [...classes, added],
      drawClass: added.name,
    });
    const old = this.list.some((a) => isOtherColour(a, added));
    if (old) {
      this.change(
        this.list.map((a) => (isOtherColour(a, added) ? { ...a, classification: added } : a)),
      );
    } else this.keep();
  }

  /** Draw the shapes of a class, or not. */
  toggleClass(name: string): void {
    const { hidden } = getState().annotate;
    const shown = hidden.includes(name);
    this.set({ hidden: shown ? hidden.filter((each) => each !== name) : [...hidden, name] });
    this.tell();
  }

  isHidden(annotation: Annotation): boolean {
    return getState().annotate.hidden.includes(classOf(annotation));
  }

  set(change: Partial<AnnotateState['annotate']>): void {
    setState(({ annotate }) => ({ annotate: { ...annotate, ...change } }));
  }

  destroy(): void {
    this.unsubscribe();
    this.keeping.close();
    this.listeners.clear();
  }

  private change(list: readonly Annotation[]): void {
    this.history.push(list);
    this.changed();
  }

  private changed(): void {
    this.learnClasses();
    this.publish();
    this.keep();
  }

  private publish(): void {
    this.byId = null;
    this.preview = null;
    const { version, selected } = getState().annotate;
    const { canUndo, canRedo, present } = this.history;
    this.set({
      version: version + 1,
      count: present.length,
      selected: this.get(selected) ? selected : null,
      canUndo,
      canRedo,
    });
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  /** Classes that came with shapes can be drawn with from now on. */
  private learnClasses(): void {
    const { classes } = getState().annotate;
    const known = new Map(classes.map((each) => [each.name, each]));
    for (const { classification } of this.list) {
      if (classification && !known.has(classification.name)) {
        known.set(classification.name, classification);
      }
    }
    if (known.size > classes.length) this.set({ classes: [...known.values()] });
  }

  private keep(): void {
    if (!this.slideId) return;
    const { classes } = getState().annotate;
    this.keeping.keep(this.slideId, { annotations: this.list, classes });
  }

  private showSlide(slideId: string | null): void {
    this.slideId = slideId;
    this.history.reset([]);
    this.set({ classes: DEFAULT_CLASSES, hidden: [], selected: null });
    this.publish();
    void this.keeping.show(slideId);
  }

  /** What was kept of the slide; shapes drawn while it was read stay. */
  private restored({ annotations, classes }: Kept): void {
    const fresh = this.keeping.unsaved ? this.list : [];
    const known = new Set(annotations.map(({ id }) => id));
    this.history.reset([...annotations, ...fresh.filter(({ id }) => !known.has(id))]);
    this.set({ classes });
    this.learnClasses();
    this.publish();
  }
}

function isOtherColour({ classification }: Annotation, to: Classification): boolean {
  return classification?.name === to.name && classification.colour !== to.colour;
}
