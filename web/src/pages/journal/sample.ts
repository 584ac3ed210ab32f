// An entry of the journal for tests.
import type { Event } from '../../api/types';

export function sample(change: Partial<Event> = {}): Event {
  return {
    seq: 1,
    kind: 'alarm.raised',
    class: 'alarm',
    source: '10.0.0.7_3',
    source_kind: 'sensor',
    rule: 'fire',
    alarm: 4,
    state: 'unacknowledged',
    value: 0,
    who: null,
    text: 'flame',
    received: '2026-03-01T10:00:00.000Z',
    decided: '2026-03-01T10:00:00.001Z',
    committed: '2026-03-01T10:00:00.009Z',
    notified: null,
    hash: 'ab',
    ...change,
  };
}
