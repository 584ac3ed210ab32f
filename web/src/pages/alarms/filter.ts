// Which alarms are listed, as the address of the page says.
import type { Alarm, Class } from '../../api/types';
import { CLASSES, isActive, isUnacknowledged } from '../../state/alarms.svelte';

export const SHOWS = ['active', 'quiet', 'all'] as const;
export type Show = (typeof SHOWS)[number];

const STATES = {
  unacknowledged: (alarm) => isUnacknowledged(alarm.state),
  acknowledged: (alarm) => !isUnacknowledged(alarm.state),
  active: (alarm) => isActive(alarm.state),
  returned: (alarm) => alarm.state === 'returned_unacknowledged',
  latched: (alarm) => alarm.state.startsWith('latched'),
  audible: (alarm) => alarm.audible,
  stale: (alarm) => alarm.stale,
} satisfies Record<string, (alarm: Alarm) => boolean>;
export type StateFilter = keyof typeof STATES;
export const STATE_FILTERS = Object.keys(STATES) as StateFilter[];

export interface Filter {
  show: Show;
  class: Class | undefined;
  state: StateFilter | undefined;
  /** The sensor, node or place that it is about; of a node also its sensors. */
  source: string | undefined;
  text: string;
}

/** What makes no sense is as if it was not there. */
export function filterOf(query: URLSearchParams): Filter {
  const one = <T extends string>(name: string, of: readonly T[]) => of.find((value) => value === query.get(name));
  return {
    show: one('show', SHOWS) ?? 'active',
    class: one('class', CLASSES),
    state: one('state', STATE_FILTERS),
    source: query.get('source') ?? undefined,
    text: query.get('q')?.trim().toLowerCase() ?? '',
  };
}

export function isFiltered(filter: Filter): boolean {
  return Boolean(filter.class ?? filter.state ?? filter.source) || filter.text !== '';
}

/** What is known of places. */
export interface Whereabouts {
  /** Where a place is, in words. */
  where: (place: string) => string;
  /** Whether a place is within another one, or is it. */
  isWithin: (place: string, outer: string) => boolean;
}

/** Those that fit, in the order in which they come. */
export function filtered(all: Alarm[], filter: Filter, known: Whereabouts): Alarm[] {
  const { show, class: of, state, source, text } = filter;
  const isShown = (alarm: Alarm) => show === 'all' || (alarm.suppressed === null) === (show === 'active');
  const isOf = (alarm: Alarm) =>
    alarm.source === source ||
    alarm.source.startsWith(`${source}_`) ||
    (source !== undefined && alarm.place !== null && known.isWithin(alarm.place, source));
  const says = (alarm: Alarm) =>
    [
      alarm.message,
      alarm.source,
      alarm.source_name,
      alarm.rule,
      alarm.place,
      alarm.place && known.where(alarm.place),
    ].some((part) => part?.toLowerCase().includes(text));
  return all.filter(
    (alarm) =>
      isShown(alarm) &&
      (!of || alarm.class === of) &&
      (!state || STATES[state](alarm)) &&
      (!source || isOf(alarm)) &&
      (text === '' || says(alarm)),
  );
}
