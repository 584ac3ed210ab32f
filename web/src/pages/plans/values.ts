// What a sensor says and is called, as people read it.
import type { Sensor } from '../../api/types';
import { valueText } from '../../parts/values';
import { words } from '../../words';

/** What a sensor says: a word, where its numbers are only signs for two states. */
export function reading({ kind, value }: Pick<Sensor, 'kind' | 'value'>): string {
  if (value === null) return words.plans.waiting;
  return valueText(kind, value);
}

/** What a sensor is called: its name, or else what it measures and its number. */
export function sensorTitle({ name, kind, id }: Pick<Sensor, 'name' | 'kind' | 'id'>): string {
  return name ?? `${words.common.kinds[kind]} ${id}`;
}
