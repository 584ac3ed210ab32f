import { expect, test } from 'vitest';
import { moved } from './moves';
import { windowOf } from './window';

test('whatever can be seen is there, wherever somebody scrolls', () => {
  const [height, seen, count] = [36, 800, 10_000];
  for (let above = -500; above < height * count; above += 997) {
    const { from, to } = windowOf(above, seen, height, count);
    expect(from).toBeLessThanOrEqual(Math.max(0, Math.floor(above / height)));
    expect(to).toBeGreaterThanOrEqual(Math.min(count, Math.ceil((above + seen) / height)));
    expect(to - from).toBeLessThan(70);
  }
});

test('the window does not move for every row', () => {
  const all = new Set(Array.from({ length: 36 * 6 }, (_, above) => windowOf(3_600 + above, 800, 36, 10_000).from));
  expect(all.size).toBeLessThanOrEqual(2);
});

test('a table that became short has rows all the same', () => {
  expect(windowOf(300_000, 800, 36, 3)).toEqual({ from: 2, to: 3 });
  expect(windowOf(0, 800, 36, 0)).toEqual({ from: 0, to: 0 });
  expect(windowOf(0, 800, 0, 5)).toEqual({ from: 0, to: 5 });
});

test('keys lead to rows, and no further than there are', () => {
  expect(moved('ArrowDown', 0, 3, 10)).toBe(1);
  expect(moved('ArrowUp', 0, 3, 10)).toBe(0);
  expect(moved('PageDown', 0, 3, 10)).toBe(2);
  expect(moved('PageUp', 50, 100, 10)).toBe(40);
  expect([moved('Home', 50, 100, 10), moved('End', 50, 100, 10)]).toEqual([0, 99]);
  expect(moved('x', 0, 3, 10)).toBeUndefined();
  expect(moved('ArrowDown', 0, 0, 10)).toBeUndefined();
});
