// Which entries are wanted, as the address of the page says.
import type { Class, Event, EventKind, SourceKind } from '../../api/types';
import { CLASSES } from '../../state/alarms.svelte';

const SOURCE_KINDS: SourceKind[] = ['sensor', 'node', 'place', 'switch', 'system'];

export interface Filter {
  /** RFC 3339. */
  from: string | undefined;
  to: string | undefined;
  /** A kind, or the subject of many: `alarm` of `alarm.raised`. */
  kind: string | undefined;
  class: Class | undefined;
  source: string | undefined;
  source_kind: SourceKind | undefined;
  alarm: number | undefined;
  /** Who has brought it about, by name. */
  who: string | undefined;
}

/** Times that are none are left out. What else makes no sense, the server says so. */
export function filterOf(query: URLSearchParams): Filter {
  const text = (name: string) => query.get(name)?.trim() || undefined;
  const time = (name: string) => {
    const ms = Date.parse(query.get(name) ?? '');
    return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
  };
  const alarm = Number(query.get('alarm') ?? NaN);
  return {
    from: time('from'),
    to: time('to'),
    kind: text('kind'),
    class: CLASSES.find((one) => one === query.get('class')),
    source: text('source'),
    source_kind: SOURCE_KINDS.find((one) => one === query.get('source_kind')),
    alarm: Number.isInteger(alarm) ? alarm : undefined,
    who: text('who'),
  };
}

export function isFiltered(filter: Filter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

type Defined = { [name in keyof Filter]?: NonNullable<Filter[name]> };

/** What the server is asked. */
export function questionOf(filter: Filter): Defined {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as Defined;
}

/** Whether entries can still be added to what fits. */
export function isLive({ to }: Filter, now: number): boolean {
  return to === undefined || Date.parse(to) > now;
}

export function subjectOf(kind: EventKind): string {
  return kind.slice(0, kind.indexOf('.'));
}

/** Whether an entry fits, but for what it is about: only the server knows all names of that. */
export function fits(entry: Event, filter: Filter): boolean {
  const { from, to, kind, class: of, alarm, who } = filter;
  return (
    (kind === undefined || entry.kind === kind || subjectOf(entry.kind) === kind) &&
    (of === undefined || entry.class === of) &&
    (alarm === undefined || entry.alarm === alarm) &&
    (from === undefined || Date.parse(entry.decided) >= Date.parse(from)) &&
    (to === undefined || Date.parse(entry.decided) < Date.parse(to)) &&
    (who === undefined || entry.who?.name === who)
  );
}

/** A moment as an input for local times wants it: `2026-11-23T16:10`. */
export function forInput(time: string | undefined): string {
  if (time === undefined) return '';
  const at = new Date(time);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
