import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { paced } from './paced';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('the first wish is done at once, further ones together, and none is lost', () => {
  const act = vi.fn();
  const wish = paced(100, act);
  wish();
  expect(act).toHaveBeenCalledTimes(1);
  for (let many = 0; many < 10; many += 1) wish();
  expect(act).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(100);
  expect(act).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1_000);
  expect(act).toHaveBeenCalledTimes(2);
  wish();
  expect(act).toHaveBeenCalledTimes(3);
});

test('what has ended does nothing more, whatever was or is still wanted', () => {
  const act = vi.fn();
  const wish = paced(100, act);
  wish();
  wish();
  wish.end();
  vi.advanceTimersByTime(1_000);
  wish();
  expect(act).toHaveBeenCalledTimes(1);
});

test('it is done so often at most, however often it is wished', () => {
  const act = vi.fn();
  const wish = paced(100, act);
  for (let ms = 0; ms < 1_000; ms += 10) {
    wish();
    vi.advanceTimersByTime(10);
  }
  expect(act.mock.calls.length).toBeLessThanOrEqual(11);
});
