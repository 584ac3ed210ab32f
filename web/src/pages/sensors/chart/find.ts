// Finds sensors by what people call them.
import type { Sensor } from '../../../api/types';
import { words } from '../../../words';

/** As many as one looks through. */
const OFFERED_MAX = 30;

type Findable = Pick<Sensor, 'ip_id' | 'name' | 'kind' | 'place'>;

/** Those that have all that is written in their name, key, kind or place; with none that is in the chart already. */
export function found<S extends Findable>(all: S[], text: string, without: string[]): { items: S[]; more: number } {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
  const items: S[] = [];
  let more = 0;
  for (const sensor of all) {
    const { ip_id, name, kind, place } = sensor;
    const whole = `${name ?? ''} ${ip_id} ${words.common.kinds[kind]} ${place ?? ''}`.toLowerCase();
    if (without.includes(ip_id) || !parts.every((part) => whole.includes(part))) continue;
    if (items.length < OFFERED_MAX) items.push(sensor);
    else more += 1;
  }
  return { items, more };
}
