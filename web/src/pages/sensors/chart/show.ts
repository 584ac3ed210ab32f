// Values and sensors in words.
import type { Sensor, SensorKind } from '../../../api/types';
import { UNITS, valueText } from '../../../parts/values';
import { words } from '../../../words';
import { lineValue, type Point, type Series } from './points';

/** What a point shows of its values: of steps the mean, but of a flame and of a motion that there was one. */
export function shownText({ kind, step }: Pick<Series, 'kind' | 'step'>, point: Point): string {
  return valueText(kind, step > 0 ? lineValue(kind, point) : point.last);
}

/** A mean in words: of what is there or not, for how much of the readings it was there. */
export function meanText(kind: SensorKind, mean: number): string {
  if (kind === 'FIRE' && mean <= 1) return words.chart.share(valueText(kind, 0), (1 - mean) * 100);
  if (kind === 'MOTION' && mean <= 1) return words.chart.share(valueText(kind, 1), mean * 100);
  return valueText(kind, mean);
}

/** The unit of a kind, to be put behind a number; nothing, if it has none. */
export function unitOf(kind: SensorKind): string {
  const unit = UNITS[kind];
  return unit === undefined ? '' : ` ${words.common.units[unit] ?? unit}`;
}

/** Kinds of one scale can be compared, and have one axis together. */
export function scaleOfKind(kind: SensorKind): string {
  if (kind === 'FIRE' || kind === 'MOTION') return kind;
  return UNITS[kind] ?? 'raw';
}

export function nameOf(sensor: Pick<Sensor, 'name' | 'ip_id' | 'kind'>): string {
  return sensor.name ?? `${words.common.kinds[sensor.kind]} ${sensor.ip_id}`;
}
