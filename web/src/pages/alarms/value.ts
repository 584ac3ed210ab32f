// The value that raised an alarm, where it says more than that there is one.
import type { Alarm } from '../../api/types';
import { withUnit } from '../../parts/values';

/** Rules about contacts: their value is a yes or a no, and the alarm itself says which. */
const OF_CONTACTS = ['fire', 'motion'];

export function measured(alarm: Pick<Alarm, 'value' | 'unit' | 'rule'>): string | undefined {
  if (alarm.value === null || OF_CONTACTS.includes(alarm.rule)) return undefined;
  return withUnit(alarm.value, alarm.unit);
}
