import type { Enrolment, Event, WaitingNode } from '../../api/types';

export const MODES: Enrolment[] = ['open', 'approve', 'closed'];

/** Whether an entry of the journal says that somebody waits, or no longer does. */
export function tellsOfWaiting({ kind }: Event): boolean {
  return (
    kind === 'node.quarantined' || kind === 'node.approved' || kind === 'node.dismissed' || kind === 'model.changed'
  );
}

/** Danger first, then whoever has waited longest. */
export function byDanger(a: WaitingNode, b: WaitingNode): number {
  return Number(b.alarming) - Number(a.alarming) || a.first_seen.localeCompare(b.first_seen);
}
