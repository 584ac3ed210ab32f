// What has become of a test, from the entries of the journal that followed it.
import type { Event, Target } from '../../api/types';

export interface Outcome {
  state: 'underWay' | 'confirmed' | 'failed' | 'dead';
  /** Why it failed. */
  detail: string;
}

const STATES: Partial<Record<Event['kind'], Outcome['state']>> = {
  'notification.confirmed': 'confirmed',
  'notification.failed': 'failed',
  'notification.dead': 'dead',
};

/** The outcome of the test that the entry with this number has promised. Its text is the target and the test's key; those of
 *  what follows begin with it. */
export function outcomeOf(entries: Event[], seq: number, target: Target): Outcome {
  const promised = entries.find((entry) => entry.seq === seq);
  const promise = promised?.text;
  const last = entries
    .filter((entry) => promise !== undefined && entry.seq > seq && STATES[entry.kind] && isAbout(entry.text, promise))
    .reduce<Event | undefined>((latest, entry) => (latest && latest.seq > entry.seq ? latest : entry), undefined);
  if (!promised || promise === undefined) return { state: 'underWay', detail: '' };
  if (!last) {
    // A target that has failed before is tried with what waits longest, of which alone the journal tells.
    const hasFailed = target.failing > 0 && (target.last_error_at ?? '') > promised.decided;
    return hasFailed ? { state: 'failed', detail: target.last_error ?? '' } : { state: 'underWay', detail: '' };
  }
  return { state: STATES[last.kind] ?? 'underWay', detail: last.text.slice(promise.length).replace(/^:\s*/, '') };
}

function isAbout(text: string, promise: string): boolean {
  return text === promise || text.startsWith(`${promise}:`);
}
