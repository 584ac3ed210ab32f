// The table of sensors.
import type { Quality, Sensor, SensorKind, Status } from '../../api/types';
import type { Shape } from '../../parts/table/columns';
import type { PlaceBook } from '../../parts/table/places';
import { recent } from '../../parts/table/recent';
import { valueText } from '../../parts/values';
import { words } from '../../words';

/** The worse comes later, so that it is first when it is sorted downwards. */
const STATUSES: (Status | null)[] = [null, 'undefined', 'normal', 'warning', 'critical'];
const QUALITIES: Quality[] = ['good', 'unapproved', 'late', 'fault', 'conflict', 'lost'];

const options = (of: Record<string, string>) => Object.entries(of).map(([value, title]) => ({ value, title }));

/** What a sensor is called: its name, or else what it measures and its number. */
export function sensorTitle({ name, kind, id }: Pick<Sensor, 'name' | 'kind' | 'id'>): string {
  return name ?? `${words.common.kinds[kind]} ${id}`;
}

/** `node`: of one node alone. */
export function sensorShape(book: PlaceBook, where: (name: string) => string, node?: string): Shape<Sensor> {
  const { kinds, statuses, qualities } = words.common;
  const w = words.sensors;
  return {
    key: (sensor) => sensor.ip_id,
    words: (sensor) => `${sensorTitle(sensor)} ${sensor.ip_id} ${kinds[sensor.kind]} ${book.title(sensor.place)}`,
    ...(node !== undefined && { where: (sensor: Sensor) => sensor.node === node }),
    columns: [
      { id: 'name', title: w.name, width: 'minmax(9rem, 2fr)', text: sensorTitle, phone: 'first' },
      { id: 'key', title: w.key, width: 'minmax(8.5rem, 1.4fr)', text: (s) => s.ip_id, phone: 'second' },
      { id: 'kind', title: w.kind, width: '6.8rem', text: (s) => kinds[s.kind], phone: 'none' },
      {
        id: 'value',
        title: w.value,
        width: '6.5rem',
        text: (s) => (s.value === null ? '–' : valueText(s.kind, s.value)),
        by: (s) => s.value ?? undefined,
        live: true,
        number: true,
        phone: 'first',
      },
      {
        id: 'status',
        title: w.status,
        width: '6.8rem',
        text: (s) => (s.status === null ? '–' : statuses[s.status]),
        by: (s) => STATUSES.indexOf(s.status),
        live: true,
        phone: 'first',
      },
      {
        id: 'quality',
        title: w.quality,
        width: '6.8rem',
        text: (s) => qualities[s.quality],
        by: (s) => QUALITIES.indexOf(s.quality),
        live: true,
        phone: 'second',
      },
      { id: 'place', title: w.place, width: 'minmax(6rem, 1.4fr)', text: (s) => book.title(s.place), phone: 'second' },
      { id: 'node', title: w.node, width: 'minmax(7rem, 1fr)', text: (s) => s.node, phone: 'none', isExtra: true },
      {
        id: 'time',
        title: w.time,
        width: '7.8rem',
        text: (s) => (s.time === null ? words.common.never : recent(s.time)),
        by: (s) => s.time ?? undefined,
        live: true,
        phone: 'second',
      },
    ],
    facets: [
      { id: 'kind', title: w.kind, options: options(kinds), has: (s, value) => s.kind === (value as SensorKind) },
      { id: 'status', title: w.status, options: options(statuses), has: (s, value) => s.status === value, live: true },
      { id: 'quality', title: w.quality, options: options(qualities), has: (s, v) => s.quality === v, live: true },
      book.facet<Sensor>(w.place, where),
    ],
  };
}
