// What can be done about an alarm, as its state and the role of whoever looks allow.
import type { Operation } from '../../api/call';
import type { Alarm } from '../../api/types';
import { isActive, isUnacknowledged } from '../../state/alarms.svelte';

export type Action = 'acknowledge' | 'silence' | 'reset' | 'shelve' | 'unshelve';

const OPERATIONS: Record<Action, Operation> = {
  acknowledge: 'POST /api/v1/alarms/{id}/acknowledge',
  silence: 'POST /api/v1/alarms/{id}/silence',
  reset: 'POST /api/v1/alarms/{id}/reset',
  shelve: 'POST /api/v1/alarms/{id}/shelve',
  unshelve: 'POST /api/v1/alarms/{id}/unshelve',
};

/** An emergency that somebody has raised by hand: its condition is the person, so that it can be reset at any time. */
export function isByHand(alarm: Alarm): boolean {
  return alarm.rule.startsWith('emergency.');
}

function fits(action: Action, alarm: Alarm): boolean {
  switch (action) {
    case 'acknowledge':
      return isUnacknowledged(alarm.state);
    case 'silence':
      return alarm.audible;
    case 'reset':
      return alarm.state.startsWith('latched') || (isByHand(alarm) && isActive(alarm.state));
    case 'shelve':
      return alarm.suppressed === null && alarm.state !== 'normal';
    case 'unshelve':
      return alarm.suppressed === 'shelved';
  }
}

/** In the order in which they are offered. */
export function offers(alarm: Alarm, may: (operation: Operation) => boolean): Action[] {
  const all = Object.entries(OPERATIONS) as [Action, Operation][];
  return all.filter(([action, operation]) => fits(action, alarm) && may(operation)).map(([action]) => action);
}
