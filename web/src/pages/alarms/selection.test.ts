import { expect, test } from 'vitest';
import { remaining, stretched, toggled } from './selection';

const ids = [1, 2, 3, 4, 5];

test('A press adds one, and another press takes it away.', () => {
  expect([...toggled(new Set([1]), 2)]).toEqual([1, 2]);
  expect([...toggled(new Set([1, 2]), 2)]).toEqual([1]);
});

test('A stretch is from the one pressed before to this one, in either direction.', () => {
  expect([...stretched(new Set([2]), ids, 2, 4)].sort()).toEqual([2, 3, 4]);
  expect([...stretched(new Set([4]), ids, 4, 2)].sort()).toEqual([2, 3, 4]);
  expect([...stretched(new Set(ids), ids, 2, 4)]).toEqual([1, 5]);
});

test('Where the one pressed before is gone, a stretch is a press.', () => {
  expect([...stretched(new Set(), ids, 9, 4)]).toEqual([4]);
  expect([...stretched(new Set(), ids, undefined, 4)]).toEqual([4]);
});

test('What is no longer listed is no longer chosen.', () => {
  expect(remaining(new Set([9, 2, 1]), ids)).toEqual([1, 2]);
});
