import { expect, test, vi } from 'vitest';
import { Loaded } from './loaded.svelte';

/** Questions that are answered when the test says so. */
function questions() {
  const asked: { answer: (value: string) => void; refuse: (why: Error) => void }[] = [];
  const ask = () =>
    new Promise<string>((answer, refuse) => {
      asked.push({ answer, refuse });
    });
  return { asked, ask };
}
const settled = () => new Promise((resolve) => setTimeout(resolve));

test('what was asked for first does not replace what was asked for later', async () => {
  const { asked, ask } = questions();
  const loaded = new Loaded(ask);
  void loaded.load();
  asked[1]?.answer('new');
  await settled();
  asked[0]?.answer('old');
  await settled();
  expect(loaded.value).toBe('new');
});

test('a failure leaves what was known before, and goes with the next answer', async () => {
  const { asked, ask } = questions();
  const loaded = new Loaded(ask);
  asked[0]?.answer('known');
  await settled();
  void loaded.load();
  asked[1]?.refuse(new Error('gone'));
  await settled();
  expect(loaded.value).toBe('known');
  expect(loaded.problem?.message).toBe('gone');
  void loaded.load();
  asked[2]?.answer('again');
  await settled();
  expect(loaded.problem).toBeUndefined();
});

test('a slow answer is waited for, and not overtaken by the next question', async () => {
  vi.useFakeTimers();
  const { asked, ask } = questions();
  const loaded = new Loaded(ask);
  const stop = loaded.every(1_000);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked).toHaveLength(1);
  asked[0]?.answer('slow');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(loaded.value).toBe('slow');
  expect(asked).toHaveLength(2);
  stop();
  vi.useRealTimers();
});
