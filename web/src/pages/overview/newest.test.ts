import { expect, test } from 'vitest';
import { sample } from '../alarms/sample';
import { newestOf } from './newest';

test('The alarms that were raised last come first, whatever happened to them since.', () => {
  const at = (id: number, minute: number) => sample({ id, raised_at: `2026-03-01T10:0${minute}:00.000Z` });
  const all = [at(1, 3), at(2, 5), at(3, 1), at(4, 9), at(5, 4)];
  expect(newestOf(all, 3).map((alarm) => alarm.id)).toEqual([4, 2, 5]);
  expect(newestOf(all, 9).map((alarm) => alarm.id)).toEqual([4, 2, 5, 1, 3]);
});
