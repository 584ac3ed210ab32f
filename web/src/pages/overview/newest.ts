// The newest of many, without sorting them all.
import type { Alarm } from '../../api/types';

const raised = (alarm: Alarm) => alarm.raised_at ?? alarm.since;

/** The alarms that were raised last, the newest first. */
export function newestOf(alarms: Alarm[], count: number): Alarm[] {
  const newest: Alarm[] = [];
  for (const alarm of alarms) {
    const at = newest.findIndex((other) => raised(other) < raised(alarm));
    if (at >= 0) newest.splice(at, 0, alarm);
    else newest.push(alarm);
    if (newest.length > count) newest.pop();
  }
  return newest;
}
