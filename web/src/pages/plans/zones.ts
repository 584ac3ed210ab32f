// What is signalled in each place, for the zones of a plan.
import type { Alarm, Class, Place } from '../../api/types';
import { isUnacknowledged } from '../../state/alarms.svelte';

export interface PlaceState {
  /** The worst class. */
  of: Class;
  /** Whether something of that class is still to be acknowledged. */
  unacknowledged: boolean;
}

type Within = (name: string) => string | null | undefined;

/** Which place lies in which. */
export function withinOf(places: readonly Place[]): Within {
  const within = new Map(places.map((place) => [place.name, place.within]));
  return (name) => within.get(name);
}

/** A place and all that it lies in, the innermost first. */
export function chain(name: string | null | undefined, within: Within): string[] {
  const found: string[] = [];
  for (let at = name; at && !found.includes(at); at = within(at)) found.push(at);
  return found;
}

/** Where an alarm is: a place that it is about, or that its source lies in. */
export function placeOf(alarm: Alarm): string | null {
  return alarm.source_kind === 'place' ? alarm.source : alarm.place;
}

/** The worst of each place, with all that lies in it. The alarms come with the most important first. */
export function placeStates(shown: readonly Alarm[], within: Within): Map<string, PlaceState> {
  const states = new Map<string, PlaceState>();
  for (const alarm of shown) {
    const unacknowledged = isUnacknowledged(alarm.state);
    for (const place of chain(placeOf(alarm), within)) {
      const known = states.get(place);
      if (!known) states.set(place, { of: alarm.class, unacknowledged });
      else if (known.of === alarm.class) known.unacknowledged ||= unacknowledged;
    }
  }
  return states;
}

/** Whether a place is shown by a plan of another, or of the whole site. */
export function isShown(place: string | null, planPlace: string | null, within: Within): boolean {
  return planPlace === null || chain(place, within).includes(planPlace);
}

/** The worst of everything. */
export function stateOfAll(shown: readonly Alarm[]): PlaceState | undefined {
  const [worst] = shown;
  if (!worst) return undefined;
  return {
    of: worst.class,
    unacknowledged: shown.some((alarm) => alarm.class === worst.class && isUnacknowledged(alarm.state)),
  };
}
