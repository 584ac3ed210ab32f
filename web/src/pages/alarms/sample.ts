// An alarm for tests.
import type { Alarm } from '../../api/types';

export function sample(change: Partial<Alarm> = {}): Alarm {
  return {
    id: 1,
    class: 'alarm',
    priority: 1,
    source: '10.0.0.7_3',
    source_kind: 'sensor',
    source_name: null,
    place: 'kitchen',
    rule: 'fire',
    state: 'unacknowledged',
    since: '2026-03-01T10:00:00.000Z',
    raised_at: '2026-03-01T10:00:00.000Z',
    value: 0,
    unit: '',
    message: 'flame',
    audible: true,
    first_out: false,
    stale: false,
    acknowledged_by: null,
    acknowledged_at: null,
    suppressed: null,
    escalations: 0,
    committed: true,
    ...change,
  };
}
