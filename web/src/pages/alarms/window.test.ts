import { expect, test } from 'vitest';
import { windowOf } from './window';

test('What is seen is within the window, with some rows around.', () => {
  const { from, to } = windowOf(10_000, 800, 50, 2_000);
  expect(from).toBeLessThan(200);
  expect(from).toBeGreaterThan(180);
  expect(to).toBeGreaterThan(216);
  expect(to).toBeLessThan(236);
});

test('The window ends where the list does.', () => {
  expect(windowOf(-300, 800, 50, 5)).toEqual({ from: 0, to: 5 });
  expect(windowOf(99_900, 800, 50, 2_000).to).toBe(2_000);
  expect(windowOf(0, 800, 50, 0)).toEqual({ from: 0, to: 0 });
});

test('Scrolling by a little changes nothing.', () => {
  expect(windowOf(10_010, 790, 50, 2_000)).toEqual(windowOf(10_040, 750, 50, 2_000));
});
