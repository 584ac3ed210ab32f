import { expect, test } from 'vitest';
import type { Alarm } from '../api/types';
import { Arrivals } from './arrivals';

const alarms = (...ids: number[]) => ids.map((id) => ({ id }) as Alarm);

test('what is there at first is not new, and each that comes is new once', () => {
  const arrivals = new Arrivals();
  expect(arrivals.of(alarms(4, 2))).toEqual([]);
  expect(arrivals.of(alarms(5, 4, 2))).toEqual(alarms(5));
  expect(arrivals.of(alarms(5, 2))).toEqual([]);
  // One that was shelved comes back, and is none that nobody was told of.
  expect(arrivals.of(alarms(5, 4, 2))).toEqual([]);
});

test('the first of all is new where there was none', () => {
  const arrivals = new Arrivals();
  arrivals.of([]);
  expect(arrivals.of(alarms(1))).toEqual(alarms(1));
});
