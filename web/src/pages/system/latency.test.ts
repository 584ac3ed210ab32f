import { expect, test } from 'vitest';
import type { SignalLatency, Spread } from '../../api/types';
import { place, verdictOf } from './latency';

const spread: Spread = { count: 0, p50_ms: null, p90_ms: null, p99_ms: null, worst_ms: null };
const signal: SignalLatency = {
  limit_of_ours_ms: 1_000,
  limit_of_trade_ms: 10_000,
  received_to_committed: spread,
  received_to_decided: spread,
  received_to_notified: spread,
};

test('the worst is what counts, and a limit itself is still within it', () => {
  expect(verdictOf(null, signal)).toBe('unmeasured');
  expect(verdictOf(0, signal)).toBe('well');
  expect(verdictOf(1_000, signal)).toBe('well');
  expect(verdictOf(1_000.1, signal)).toBe('beyondOurs');
  expect(verdictOf(10_000, signal)).toBe('beyondOurs');
  expect(verdictOf(10_001, signal)).toBe('beyondTrade');
});

test('each power of ten has the same room on a bar', () => {
  expect(place(0, 10_000)).toBe(0);
  expect(place(0.1, 10_000)).toBe(0);
  expect(place(1, 10_000)).toBeCloseTo(0.2);
  expect(place(10, 10_000)).toBeCloseTo(0.4);
  expect(place(10_000, 10_000)).toBe(1);
  expect(place(50_000, 10_000)).toBe(1);
});
