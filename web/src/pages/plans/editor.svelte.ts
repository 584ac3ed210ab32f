// Somebody's work on a plan: what it has become, what is in their hand just now, and the way back.
import type { Plan, PlanPlacement } from '../../api/types';
import {
  CORNERS_MIN,
  draftOf,
  keyOf,
  movedCorner,
  placed,
  splitEdge,
  unplaced,
  withoutCorner,
  withoutZone,
  withZone,
  zoneOf,
  type Draft,
  type NewPlace,
} from './draft';
import { onPlan, type Point } from './geometry';
import { begun, redone, stepped, undone, type History } from './history';

export type Thing = Pick<PlanPlacement, 'source_kind' | 'source'>;

/** What is in somebody's hand, and where it is just now. */
type Held = { at: Point } & (
  | { kind: 'thing'; thing: Thing }
  | { kind: 'corner'; zone: number; corner: number }
  | { kind: 'drawing'; corners: Point[] }
);

export class Editor {
  /** The version of the plan that this work is based on. */
  version: number;
  isSaving = $state(false);
  held: Held | undefined = $state.raw();
  /** The outline whose corners can be moved. */
  zone: number | undefined = $state();
  #history: History<Draft> = $state.raw() as History<Draft>;
  #saved: Draft = $state.raw() as Draft;

  /** The plan as it would be if what is in the hand were set down here. */
  readonly draft: Draft = $derived.by(() => {
    const { held } = this;
    const draft = this.#history.present;
    if (held?.kind === 'thing') return placed(draft, held.thing, held.at);
    if (held?.kind === 'corner') return movedCorner(draft, held.zone, held.corner, held.at);
    return draft;
  });
  readonly isChanged = $derived(this.#history.present !== this.#saved);
  readonly canUndo = $derived(this.held !== undefined || this.#history.past.length > 0);
  readonly canRedo = $derived(this.held === undefined && this.#history.future.length > 0);

  constructor(plan: Plan) {
    this.version = plan.version;
    this.#saved = draftOf(plan);
    this.#history = begun(this.#saved);
  }

  /** Begins with what somebody else has saved. */
  restart(plan: Plan): void {
    this.version = plan.version;
    this.#saved = draftOf(plan);
    this.#history = begun(this.#saved);
    this.held = undefined;
    this.zone = undefined;
  }

  /** What there was when it was sent is saved; somebody may have gone on meanwhile. */
  saved(draft: Draft, version: number): void {
    this.#saved = draft;
    this.version = version;
  }

  /** Takes back the last step; before it what is in the hand, of an outline that is being drawn corner by corner. */
  undo(): void {
    if (this.held) {
      if (this.held.kind === 'drawing' && this.held.corners.length > 0) this.dropCorner();
      else this.cancel();
      return;
    }
    this.#history = undone(this.#history);
    this.#keepZone();
  }

  /** What is in the hand would be lost by it. */
  redo(): void {
    if (this.held) return;
    this.#history = redone(this.#history);
    this.#keepZone();
  }

  take(thing: Thing, at: Point): void {
    this.held = { kind: 'thing', thing, at: onPlan(at) };
  }

  takeCorner(zone: number, corner: number): void {
    const at = this.draft.zones[zone]?.corners[corner];
    if (at) this.held = { kind: 'corner', zone, corner, at };
  }

  draw(at: Point): void {
    this.zone = undefined;
    this.held = { kind: 'drawing', corners: [], at: onPlan(at) };
  }

  holdAt(at: Point): void {
    if (this.held) this.held = { ...this.held, at: onPlan(at) };
  }

  holdBy(x: number, y: number): void {
    if (this.held) this.holdAt({ x: this.held.at.x + x, y: this.held.at.y + y });
  }

  /** Sets down what is in the hand; of an outline that is being drawn, the next corner. */
  set(): void {
    const { held } = this;
    if (held?.kind === 'drawing') {
      this.held = { ...held, corners: [...held.corners, held.at] };
      return;
    }
    const { draft } = this;
    this.held = undefined;
    if (held) this.#step(draft);
  }

  /** As if it had never been taken. */
  cancel(): void {
    this.held = undefined;
  }

  /** Takes back the last corner of the outline that is being drawn. */
  dropCorner(): void {
    if (this.held?.kind === 'drawing') this.held = { ...this.held, corners: this.held.corners.slice(0, -1) };
  }

  get canFinish(): boolean {
    return this.held?.kind === 'drawing' && this.held.corners.length >= CORNERS_MIN;
  }

  addZone(place: string, corners: Point[], made?: NewPlace): void {
    this.#step(withZone(this.#history.present, place, corners, made));
    this.zone = this.draft.zones.length - 1;
  }

  nameZone(zone: number, place: string, made?: NewPlace): void {
    this.#step(zoneOf(this.#history.present, zone, place, made));
  }

  removeZone(zone: number): void {
    this.zone = undefined;
    this.#step(withoutZone(this.#history.present, zone));
  }

  splitEdge(zone: number, corner: number): void {
    this.#step(splitEdge(this.#history.present, zone, corner));
  }

  removeCorner(zone: number, corner: number): void {
    this.held = undefined;
    this.#step(withoutCorner(this.#history.present, zone, corner));
  }

  remove(thing: Thing): void {
    this.held = undefined;
    this.#step(unplaced(this.#history.present, keyOf(thing)));
  }

  #step(next: Draft): void {
    this.#history = stepped(this.#history, next);
  }

  #keepZone(): void {
    if (this.zone !== undefined && !this.#history.present.zones[this.zone]) this.zone = undefined;
  }
}
