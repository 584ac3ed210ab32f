import { expect, test } from 'vitest';
import { OWN_MS, SETTLE_MS, Settled } from './settled';

test('what has just moved under a hand cannot be pressed yet', () => {
  const settled = new Settled();
  settled.stand([1, 2, 3], 1_000);
  expect(settled.has(1, 1_000)).toBe(true);
  settled.stand([9, 1, 2, 3], 5_000);
  expect([9, 1, 3].map((id) => settled.has(id, 5_000 + SETTLE_MS - 1))).toEqual([false, false, false]);
  expect([9, 1, 3].map((id) => settled.has(id, 5_000 + SETTLE_MS))).toEqual([true, true, true]);
});

test('what stays where it is can be pressed while others move', () => {
  const settled = new Settled();
  settled.stand([1, 2, 3], 0);
  settled.stand([1, 3], 5_000);
  expect(settled.has(1, 5_001)).toBe(true);
  expect(settled.has(3, 5_001)).toBe(false);
});

test('nothing can be pressed yet where something above has moved the whole list', () => {
  const settled = new Settled();
  settled.stand([1, 2], 0);
  settled.lie(100, 0);
  settled.lie(100.4, 1_000);
  expect(settled.has(2, 1_000)).toBe(true);
  settled.lie(140, 5_000);
  expect([1, 2].map((id) => settled.has(id, 5_000 + SETTLE_MS - 1))).toEqual([false, false]);
  settled.lie(140, 5_100);
  expect([1, 2].map((id) => settled.has(id, 5_000 + SETTLE_MS))).toEqual([true, true]);
});

test('what moves because of a press does not keep the next one from being heard', () => {
  const settled = new Settled();
  settled.stand([1, 2], 0);
  settled.lie(100, 0);
  settled.press(5_000);
  settled.lie(140, 5_000 + OWN_MS - 1);
  expect(settled.has(2, 5_000 + OWN_MS - 1)).toBe(true);
  settled.lie(180, 5_000 + OWN_MS);
  expect(settled.has(2, 5_000 + OWN_MS)).toBe(false);
});
