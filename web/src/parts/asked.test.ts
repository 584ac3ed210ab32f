import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { asked, SHOWN_MS, UNDO_MS } from './asked.svelte';

const texts = () => asked.notices.map(({ text }) => text);

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  asked.isHeld = () => false;
  asked.notices.forEach(({ id }) => asked.dismiss(id));
  vi.advanceTimersByTime(1_000);
  vi.useRealTimers();
});

test('a notice goes after its time, one that can be taken back later, and a failure when somebody closes it', () => {
  asked.tell('done');
  asked.tell('shelved', () => {});
  asked.fail(new Error('no'));
  vi.advanceTimersByTime(SHOWN_MS);
  expect(texts()).toEqual(['shelved', 'no']);
  vi.advanceTimersByTime(UNDO_MS - SHOWN_MS);
  expect(texts()).toEqual(['no']);
  vi.advanceTimersByTime(3_600_000);
  expect(texts()).toEqual(['no']);
});

test('its time stands still while somebody is at it, and all of it is left', () => {
  asked.tell('shelved', () => {});
  vi.advanceTimersByTime(2_000);
  asked.isHeld = () => true;
  vi.advanceTimersByTime(3_600_000);
  asked.isHeld = () => false;
  vi.advanceTimersByTime(UNDO_MS - 2_500);
  expect(texts()).toEqual(['shelved']);
  vi.advanceTimersByTime(500);
  expect(texts()).toEqual([]);
});

test('the last thing that can be taken back is taken back, once', () => {
  const back: string[] = [];
  asked.tell('first', () => void back.push('first'));
  asked.tell('second', () => void back.push('second'));
  asked.tell('third');
  asked.undo();
  expect([back, texts()]).toEqual([['second'], ['first', 'third']]);
  asked.undo();
  asked.undo();
  expect(back).toEqual(['second', 'first']);
});
