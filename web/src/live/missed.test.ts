import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Problem } from '../api/problem';
import type { Event } from '../api/types';
import { Missed, type Question } from './missed';

let asked: Question[];
let taken: number[];
let fails: Problem | undefined;
let missed: Missed;

beforeEach(() => {
  vi.useFakeTimers();
  [asked, taken, fails] = [[], [], undefined];
  missed = new Missed(
    async (question) => {
      asked.push(question);
      await Promise.resolve();
      if (fails) throw fails;
      return [{ seq: asked.length } as Event];
    },
    (events) => taken.push(...events.map(({ seq }) => seq)),
  );
});
afterEach(() => vi.useRealTimers());

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('a small gap is read from where it begins', async () => {
  missed.after(7, 20);
  await after(0);
  expect(asked).toEqual([{ after: 7, limit: 500 }]);
  expect(taken).toEqual([1]);
});

test('of a whole night the newest are read, and no more than a page keeps', async () => {
  missed.after(7, 40_000);
  await after(0);
  expect(asked).toEqual([{ last: 500 }]);
});

test('where nothing is missing, nothing is asked', async () => {
  missed.after(7, 7);
  await after(10_000);
  expect(asked).toEqual([]);
});

test('a gap that could not be read is read later', async () => {
  fails = new Problem(503, 'Too many.');
  missed.after(7, 20);
  await after(0);
  fails = undefined;
  await after(3_000);
  expect(asked).toEqual([
    { after: 7, limit: 500 },
    { after: 7, limit: 500 },
  ]);
  expect(taken).toEqual([2]);
});

test('a gap that nobody may read any more is read when they may again', async () => {
  fails = new Problem(401, 'Nobody is logged in.');
  missed.after(7, 20);
  await after(30_000);
  expect(asked).toHaveLength(1);
  fails = undefined;
  missed.after(20, 20);
  await after(0);
  expect(asked.at(-1)).toEqual({ after: 7, limit: 500 });
});
