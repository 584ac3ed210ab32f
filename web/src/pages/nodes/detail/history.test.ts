import { expect, test } from 'vitest';
import type { Event } from '../../../api/types';
import { historyOf, isAbout } from './history';

const entry = (seq: number, kind: string, source: string | null, source_kind: string | null) =>
  ({ seq, kind, source, source_kind }) as Event;

test('entries about a node and its sensors are its history, and those of its neighbours are not', () => {
  const is = (kind: string, source: string | null, source_kind: string | null) =>
    isAbout(entry(1, kind, source, source_kind), '10.0.0.1');
  expect(is('node.late', '10.0.0.1', 'node')).toBe(true);
  expect(is('alarm.raised', '10.0.0.1_12', 'sensor')).toBe(true);
  expect(is('alarm.raised', '10.0.0.12_1', 'sensor')).toBe(false);
  expect(is('node.late', '10.0.0.12', 'node')).toBe(false);
  expect(is('observation.began', '10.0.0.1_16', 'sensor')).toBe(false);
  expect(is('alarm.raised', '10.0.0.1', 'place')).toBe(false);
  expect(is('alarm.raised', null, null)).toBe(false);
});

test('the newest come first, each once, and so many at most', () => {
  const entries = [3, 1, 2, 3].map((seq) => entry(seq, 'node.late', '', 'node'));
  expect(historyOf(entries, 2).map(({ seq }) => seq)).toEqual([3, 2]);
});
