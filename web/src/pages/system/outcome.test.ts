import { expect, test } from 'vitest';
import type { Event, EventKind, Target } from '../../api/types';
import { outcomeOf } from './outcome';

const entry = (seq: number, kind: EventKind, text: string) =>
  ({ seq, kind, text, decided: '2026-01-01T00:00:10.000Z' }) as Event;
const well = { failing: 0, last_error: null, last_error_at: null } as Target;
const promise = entry(16, 'notification.promised', 'desk system/test/17/test');

test('a test of which nothing was heard is under way', () => {
  expect(outcomeOf([], 16, well).state).toBe('underWay');
  expect(outcomeOf([promise], 16, well).state).toBe('underWay');
});

test('a yes is told', () => {
  expect(outcomeOf([entry(17, 'notification.confirmed', promise.text), promise], 16, well).state).toBe('confirmed');
});

test('a failure is told with its reason', () => {
  const failed = entry(18, 'notification.failed', `${promise.text}: connection refused: 111`);
  expect(outcomeOf([promise, failed], 16, well)).toEqual({ state: 'failed', detail: 'connection refused: 111' });
});

test('what came last counts, in whichever order it is told', () => {
  const failed = entry(18, 'notification.failed', `${promise.text}: refused`);
  const confirmed = entry(20, 'notification.confirmed', promise.text);
  expect(outcomeOf([failed, promise, confirmed], 16, well).state).toBe('confirmed');
  expect(outcomeOf([confirmed, promise, failed], 16, well).state).toBe('confirmed');
});

test('what became of other notifications is not taken for it', () => {
  const other = entry(19, 'notification.confirmed', `${promise.text}2`);
  const earlier = entry(15, 'notification.confirmed', promise.text);
  expect(outcomeOf([promise, other, earlier], 16, well).state).toBe('underWay');
});

test('a target that has failed since is told, also where the journal tells of another notification', () => {
  const failing = { failing: 3, last_error: 'refused', last_error_at: '2026-01-01T00:00:11.000Z' } as Target;
  expect(outcomeOf([promise], 16, failing)).toEqual({ state: 'failed', detail: 'refused' });
  expect(outcomeOf([promise], 16, { ...failing, last_error_at: '2026-01-01T00:00:09.000Z' }).state).toBe('underWay');
  const confirmed = entry(17, 'notification.confirmed', promise.text);
  expect(outcomeOf([promise, confirmed], 16, failing).state).toBe('confirmed');
});
