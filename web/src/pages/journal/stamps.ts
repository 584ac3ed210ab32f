// How long an entry's way took, from what caused it on.
import type { Event } from '../../api/types';

export interface Stamp {
  name: 'received' | 'decided' | 'committed' | 'notified';
  at: string | null;
  /** Since it was received. */
  afterMs: number | undefined;
}

export function stampsOf(entry: Pick<Event, Stamp['name']>): Stamp[] {
  const began = Date.parse(entry.received);
  return (['received', 'decided', 'committed', 'notified'] as const).map((name) => {
    const at = entry[name];
    return { name, at, afterMs: at === null || name === 'received' ? undefined : Date.parse(at) - began };
  });
}
