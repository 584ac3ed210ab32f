// The alarms that are shown, as the feed tells them.
import type { Alarm, AlarmState, Class, Event } from '../api/types';
import type { Counts, Snapshot } from '../live/messages';

/** The most important first, as everywhere. */
export const CLASSES: Class[] = ['alarm', 'supervisory', 'trouble'];

export function isUnacknowledged(state: AlarmState): boolean {
  return state.endsWith('unacknowledged');
}

/** Whether the cause is there now. */
export function isActive(state: AlarmState): boolean {
  return state === 'unacknowledged' || state === 'acknowledged';
}

/** By class, by priority, unacknowledged first, then by age: the oldest first, for it tells where it began. */
export function byImportance(a: Alarm, b: Alarm): number {
  return (
    CLASSES.indexOf(a.class) - CLASSES.indexOf(b.class) ||
    a.priority - b.priority ||
    Number(isUnacknowledged(b.state)) - Number(isUnacknowledged(a.state)) ||
    // Times are written so that they can be compared as they are; in the manner of a language it would take ten times as long.
    (a.since < b.since ? -1 : Number(a.since > b.since)) ||
    a.id - b.id
  );
}

const none = (): Counts => ({ shown: 0, active: 0, unacknowledged: 0, quiet: 0 });

class Alarms {
  /** Whether the server has told how things stand; before it, nothing is known, which is not the same as no alarms. */
  known = $state(false);
  flood = $state(false);
  suppressions = $state(0);
  #all: ReadonlyMap<number, Alarm> = $state.raw(new Map());

  /** All that are not normal, the most important first; among them those that are kept quiet. */
  readonly all: Alarm[] = $derived([...this.#all.values()].sort(byImportance));
  /** Those that want attention. */
  readonly shown: Alarm[] = $derived(this.all.filter((alarm) => alarm.suppressed === null));
  readonly quiet: Alarm[] = $derived(this.all.filter((alarm) => alarm.suppressed !== null));
  readonly counts: Record<Class, Counts> = $derived.by(() => {
    const counts = { alarm: none(), supervisory: none(), trouble: none() };
    for (const alarm of this.all) {
      const of = counts[alarm.class];
      if (alarm.suppressed !== null) {
        of.quiet += 1;
        continue;
      }
      of.shown += 1;
      of.active += Number(isActive(alarm.state));
      of.unacknowledged += Number(isUnacknowledged(alarm.state));
    }
    return counts;
  });
  /** The worst class that is shown; undefined: all is normal. */
  readonly worst: Class | undefined = $derived(CLASSES.find((of) => this.counts[of].shown > 0));
  /** The worst class that is to be heard. */
  readonly audible: Class | undefined = $derived(
    CLASSES.find((of) => this.shown.some((alarm) => alarm.class === of && alarm.audible)),
  );

  get(id: number): Alarm | undefined {
    return this.#all.get(id);
  }

  /** Of one sensor, node or place. */
  of(source: string): Alarm[] {
    return this.all.filter((alarm) => alarm.source === source);
  }

  replace(snapshot: Snapshot): void {
    this.#all = new Map(snapshot.alarms.map((alarm) => [alarm.id, alarm]));
    this.flood = snapshot.flood;
    this.suppressions = snapshot.suppressions;
    this.known = true;
  }

  /** What is told by entries of the journal alone. */
  happened({ kind }: Event): void {
    if (kind === 'flood.began') this.flood = true;
    if (kind === 'flood.ended') this.flood = false;
  }

  /** An alarm as it is now; the answers to commands are given here, too, so that nobody waits for the feed. */
  change(...changed: Alarm[]): void {
    const all = new Map(this.#all);
    for (const alarm of changed) {
      if (alarm.state === 'normal') all.delete(alarm.id);
      else all.set(alarm.id, alarm);
    }
    this.#all = all;
  }
}

export const alarms = new Alarms();
