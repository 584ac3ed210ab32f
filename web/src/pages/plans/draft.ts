// A floor plan that somebody works on. Each change makes a new one, so that the one before can be had again.
import type { Plan, PlanBody, PlaceKind, PlanPlacement, PlanZone } from '../../api/types';
import { onPlan, type Point } from './geometry';

/** A place that there is not yet: it is made when the plan is saved. */
export interface NewPlace {
  readonly name: string;
  readonly title: string | null;
  readonly kind: Exclude<PlaceKind, 'building'>;
  readonly within: string | null;
  /** The same for all tries to make it. */
  readonly key: string;
}

export interface Draft {
  readonly title: string | null;
  readonly place: string | null;
  readonly zones: readonly PlanZone[];
  readonly placements: readonly PlanPlacement[];
  readonly newPlaces: readonly NewPlace[];
}

/** A zone keeps its shape with no fewer corners than these. */
export const CORNERS_MIN = 3;

/** A sensor and a node may go by the same name. */
export const keyOf = ({ source_kind, source }: Pick<PlanPlacement, 'source_kind' | 'source'>): string =>
  `${source_kind} ${source}`;

export const draftOf = ({ title, place, zones, placements }: Plan): Draft => ({
  title,
  place,
  zones,
  placements,
  newPlaces: [],
});

export const bodyOf = ({ title, place, zones, placements }: Draft): PlanBody => ({
  title,
  place,
  zones: [...zones],
  placements: [...placements],
});

/** Puts a sensor or a node there, wherever it was before. */
export function placed(draft: Draft, what: Pick<PlanPlacement, 'source_kind' | 'source'>, at: Point): Draft {
  const placement = { source_kind: what.source_kind, source: what.source, ...onPlan(at) };
  const isKnown = draft.placements.some((one) => keyOf(one) === keyOf(what));
  return {
    ...draft,
    placements: isKnown
      ? draft.placements.map((one) => (keyOf(one) === keyOf(what) ? placement : one))
      : [...draft.placements, placement],
  };
}

export function unplaced(draft: Draft, key: string): Draft {
  return { ...draft, placements: draft.placements.filter((one) => keyOf(one) !== key) };
}

export function withZone(draft: Draft, place: string, corners: Point[], made?: NewPlace): Draft {
  return { ...withPlace(draft, made), zones: [...draft.zones, { place, corners: corners.map(onPlan) }] };
}

function withPlace(draft: Draft, made: NewPlace | undefined): Draft {
  return made ? { ...draft, newPlaces: [...draft.newPlaces.filter(({ name }) => name !== made.name), made] } : draft;
}

/** The new places that the outlines need, each after the one that it lies in. One that no outline needs is not made. */
export function neededPlaces({ zones, newPlaces }: Draft): NewPlace[] {
  const needed = new Set<NewPlace>();
  for (const { place } of zones) {
    const chain: NewPlace[] = [];
    for (let at: string | null = place; at !== null;) {
      const found = newPlaces.find(({ name }) => name === at);
      if (!found || chain.includes(found)) break;
      chain.unshift(found);
      at = found.within;
    }
    for (const one of chain) needed.add(one);
  }
  return [...needed];
}

export function withoutZone(draft: Draft, zone: number): Draft {
  return { ...draft, zones: draft.zones.filter((_, index) => index !== zone) };
}

function changedZone(draft: Draft, zone: number, change: (zone: PlanZone) => PlanZone): Draft {
  return { ...draft, zones: draft.zones.map((one, index) => (index === zone ? change(one) : one)) };
}

export function zoneOf(draft: Draft, zone: number, place: string, made?: NewPlace): Draft {
  return changedZone(withPlace(draft, made), zone, (one) => ({ ...one, place }));
}

export function movedCorner(draft: Draft, zone: number, corner: number, at: Point): Draft {
  return changedZone(draft, zone, (one) => ({ ...one, corners: one.corners.with(corner, onPlan(at)) }));
}

/** One more corner, in the middle of the edge that begins at this one. */
export function splitEdge(draft: Draft, zone: number, corner: number): Draft {
  return changedZone(draft, zone, (one) => {
    const [a, b] = [one.corners[corner], one.corners[(corner + 1) % one.corners.length]];
    if (!a || !b) return one;
    const middle = onPlan({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    return { ...one, corners: one.corners.toSpliced(corner + 1, 0, middle) };
  });
}

export function withoutCorner(draft: Draft, zone: number, corner: number): Draft {
  return changedZone(draft, zone, (one) =>
    one.corners.length > CORNERS_MIN ? { ...one, corners: one.corners.toSpliced(corner, 1) } : one,
  );
}
