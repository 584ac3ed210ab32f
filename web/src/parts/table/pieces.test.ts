import { expect, test, vi } from 'vitest';
import { inPieces } from './pieces';

/** Works for so many milliseconds, with a breath after each. */
function* work(ms: number): Generator<void, string> {
  for (let done = 0; done < ms; done += 1) {
    const until = performance.now() + 1;
    while (performance.now() < until);
    yield;
  }
  return 'done';
}

test('what is short is done at once', () => {
  const done = vi.fn();
  inPieces(work(0), () => false, done);
  expect(done).toHaveBeenCalledWith('done');
});

test('what is long lets others work meanwhile', async () => {
  const done = vi.fn();
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  inPieces(work(60), () => false, done);
  expect(done).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(done).toHaveBeenCalled());
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
});

test('what nobody wants any more is left', async () => {
  const done = vi.fn();
  inPieces(work(60), () => true, done);
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(done).not.toHaveBeenCalled();
});
