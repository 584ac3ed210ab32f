import { expect, test } from 'vitest';
import { AT_ONCE, towards, windowOf } from './window';

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

test.each([
  [
    'on',
    { from: 0, to: 24 },
    { from: 12, to: 40 },
    [
      { from: 12, to: 28 },
      { from: 12, to: 32 },
    ],
  ],
  [
    'back',
    { from: 40, to: 64 },
    { from: 32, to: 56 },
    [
      { from: 36, to: 56 },
      { from: 32, to: 56 },
    ],
  ],
  [
    'far',
    { from: 0, to: 24 },
    { from: 500, to: 528 },
    [
      { from: 508, to: 520 },
      { from: 504, to: 524 },
    ],
  ],
  ['to less', { from: 0, to: 24 }, { from: 0, to: 3 }, [{ from: 0, to: 3 }]],
  ['from nothing', { from: 0, to: 0 }, { from: 0, to: 24 }, [{ from: 0, to: 24 }]],
])('Rows are made a few at a time: %s', (_, there, wanted, steps) => {
  let at = there;
  for (const step of steps) {
    at = towards(at, wanted);
    expect(at).toEqual(step);
  }
});

test('Whatever there is, what is wanted is there in the end, and no step makes many rows but a jump.', () => {
  for (let at = 0; at < 200; at += 7) {
    for (let to = 0; to < 200; to += 9) {
      const wanted = { from: to, to: to + 28 };
      let there = { from: at, to: at + 28 };
      for (let step = 0; step < 20; step += 1) {
        const next = towards(there, wanted);
        const isJump = there.to <= wanted.from || there.from >= wanted.to;
        const made = Math.max(0, there.from - next.from) + Math.max(0, next.to - there.to);
        if (!isJump) expect(made).toBeLessThanOrEqual(2 * AT_ONCE);
        there = next;
      }
      expect(there).toEqual(wanted);
    }
  }
});
