// The alarms as they stand under somebody's hand. What can be done about an alarm cannot be undone: while somebody points at the list,
// or the keyboard is in it, no row moves or goes. What has come since waits above, and what has ended stays where it was, and says so.
import type { Alarm } from '../../api/types';
import { isUnacknowledged } from '../../state/alarms.svelte';

export interface Standing {
  alarm: Alarm;
  /** It is no longer in the list, and goes from here when the hand does. */
  leaves: boolean;
}

export interface Stand {
  rows: Standing[];
  /** What the rows do not show: alarms that are new, and ones that want to be acknowledged again. The most important first. */
  news: Alarm[];
}

/**
 * `kept`: the list as it was when the hand came; undefined: nobody is there, and the list is as it is. `now`: the list as it would be.
 * `known`: an alarm as it is now, in the list or not; undefined: it has ended.
 */
export function stand(
  kept: readonly Alarm[] | undefined,
  now: readonly Alarm[],
  known: (id: number) => Alarm | undefined,
): Stand {
  if (!kept) return { rows: now.map((alarm) => ({ alarm, leaves: false })), news: [] };
  const before = new Map(kept.map((alarm) => [alarm.id, alarm]));
  const listed = new Set(now.map((alarm) => alarm.id));
  const rows = kept.map((alarm) => ({ alarm: known(alarm.id) ?? ended(alarm), leaves: !listed.has(alarm.id) }));
  const news = now.filter((alarm) => {
    const was = before.get(alarm.id);
    return !was || (isUnacknowledged(alarm.state) && !isUnacknowledged(was.state));
  });
  return { rows, news };
}

/** Nothing can be done about it any more. */
function ended(alarm: Alarm): Alarm {
  return { ...alarm, state: 'normal', audible: false, suppressed: null };
}
