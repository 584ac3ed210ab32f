// What happened: when values began to mean something else, and when alarms were raised and ended.
import type { Class, Event, Status } from '../../../api/types';
import { placeOf, type Point, type Series } from './points';
import { worse } from './rules';

export interface StatusMark {
  is: 'status';
  at: number;
  from: Status;
  to: Status;
  /** The value that means it. */
  value: number;
}

export interface AlarmMark {
  is: 'alarm';
  at: number;
  /** Of its entry in the journal. */
  seq: number;
  raised: boolean;
  class: Class;
  rule: string | null;
  text: string;
  value: number | null;
}

export type Mark = StatusMark | AlarmMark;

/** What a point means: what it was told to mean, or the worst of what its lowest and its highest value mean. */
export function statusOf(point: Point, meanings: Status[]): { status: Status; value: number } {
  if (point.status) return { status: point.status, value: point.last };
  const low = meanings[point.min] ?? 'undefined';
  const high = meanings[point.max] ?? 'undefined';
  const status = worse(low, high);
  return { status, value: status === high ? point.max : point.min };
}

/** Where what a sensor says begins to mean something else. */
export function statusMarks(series: Series, meanings: Status[]): StatusMark[] {
  const marks: StatusMark[] = [];
  let before: Status | undefined;
  for (const point of series.points) {
    const { status, value } = statusOf(point, meanings);
    if (before !== undefined && status !== before) {
      marks.push({ is: 'status', at: placeOf(series, point), from: before, to: status, value });
    }
    before = status;
  }
  return marks;
}

const RAISED = ['alarm.raised', 'alarm.tripped', 'alarm.asked_again'];
const ENDED = ['alarm.returned', 'alarm.reset'];

/** What the journal tells of a sensor's alarms, as far as it is to be seen in a chart. */
export function alarmMarks(events: Event[]): AlarmMark[] {
  return events.flatMap((event) => {
    const raised = RAISED.includes(event.kind);
    if (!event.class || (!raised && !ENDED.includes(event.kind))) return [];
    const { seq, rule, text, value } = event;
    return [
      { is: 'alarm', at: Date.parse(event.received), seq, raised, class: event.class, rule, text, value } as const,
    ];
  });
}

/** All of them, by time. */
export function together(...kinds: Mark[][]): Mark[] {
  return kinds.flat().sort((a, b) => a.at - b.at);
}
