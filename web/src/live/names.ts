import type { Event, EventKind } from '../api/types';

const KINDS: ReadonlySet<EventKind> = new Set<EventKind>([
  'model.changed',
  'node.moved',
  'node.retired',
  'node.approved',
  'sensor.kind_changed',
]);

/** Whether names, places, or what nodes and sensors there are may be others after an entry of the journal. */
export function changesNames(event: Event): boolean {
  return KINDS.has(event.kind);
}
