import { expect, test } from 'vitest';
import { isPause, RATE, samples } from './signals';

/** Whether something is heard within a tenth of a second. */
function isHeard(pattern: Float32Array, at: number): boolean {
  return pattern.subarray(at * RATE, (at + 0.1) * RATE).some((sample) => Math.abs(sample) > 0.1);
}

test('An alarm is three tones of half a second, and a pause.', () => {
  const pattern = samples('alarm');
  expect(pattern.length).toBe(4 * RATE);
  const heard = [0.2, 0.7, 1.2, 1.7, 2.2, 2.7, 3.5].map((at) => isHeard(pattern, at));
  expect(heard).toEqual([true, false, true, false, true, false, false]);
});

test('A supervisory signal and a trouble are shorter, and come less often.', () => {
  expect(samples('supervisory').length).toBe(8 * RATE);
  expect(samples('trouble').length).toBe(15 * RATE);
  expect(isHeard(samples('trouble'), 0.05)).toBe(true);
  expect(isHeard(samples('trouble'), 0.3)).toBe(false);
});

test('Nothing clicks, and nothing is louder than it should be.', () => {
  for (const of of ['alarm', 'supervisory', 'trouble', 'unwatched'] as const) {
    const pattern = samples(of);
    const leap = pattern.reduce((most, sample, i) => Math.max(most, Math.abs(sample - (pattern[i - 1] ?? 0))), 0);
    expect(Math.abs(pattern[0] ?? 1)).toBe(0);
    expect(leap).toBeLessThan(0.4);
    expect(Math.max(...pattern)).toBeLessThan(0.401);
  }
});

test('A pause lasts from the last tone to the next beginning.', () => {
  expect(isPause('alarm', 1)).toBe(false);
  expect(isPause('alarm', 3)).toBe(true);
  expect(isPause('alarm', 4.1)).toBe(false);
  expect(isPause('trouble', 10)).toBe(true);
});
