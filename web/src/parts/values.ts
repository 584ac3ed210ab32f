// Values as people read them.
import type { SensorKind } from '../api/types';
import { words } from '../words';

/** The unit of each kind that has one, as the server names it. */
export const UNITS: Partial<Record<SensorKind, string>> = { TEMPERATURE: 'degF', HUMIDITY: '%' };

/** A raw value with its unit: `135 °F`, `82 %`, `0`. */
export function withUnit(value: number, unit: string): string {
  return unit === '' ? numberText(value) : `${numberText(value)} ${words.common.units[unit] ?? unit}`;
}

/** What a sensor says: a word, where its numbers are only signs for two states. */
export function valueText(kind: SensorKind, value: number): string {
  return words.common.binary[kind]?.[value] ?? withUnit(value, UNITS[kind] ?? '');
}

/** The number alone: a mean has a digit more than a reading. */
export function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
