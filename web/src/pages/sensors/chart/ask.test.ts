import { afterEach, describe, expect, it, vi } from 'vitest';
import { askEarlier, askHistory, READINGS_MAX } from './ask';

const NOW = Date.parse('2026-11-23T10:00:00.000Z');
const HOUR = 3_600_000;
const iso = (at: number) => new Date(at).toISOString();

/** A server that answers each question by this function. */
function server(answer: (url: URL) => unknown): URL[] {
  const asked: URL[] = [];
  vi.stubGlobal('fetch', (address: string) => {
    const url = new URL(address, 'http://poe.test');
    asked.push(url);
    return Promise.resolve(
      new Response(JSON.stringify(answer(url)), { headers: { 'Content-Type': 'application/json' } }),
    );
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

const how = (progress = (_: number) => {}) => ({ signal: new AbortController().signal, progress });
const bucket = (at: number, value: number) => ({
  time: iso(at),
  count: 1,
  min: value,
  max: value,
  mean: value,
  last: value,
});

describe('a question for history', () => {
  it('asks for whole steps of all sensors at once, and goes on until it is answered', async () => {
    const told: number[] = [];
    const asked = server((url) => {
      const turn = Number(url.searchParams.get('after') ?? 0);
      const items = url.searchParams
        .getAll('sensor')
        .map((ip_id, index) => ({ ip_id, items: [bucket(NOW + turn * 60_000, turn * 10 + index)] }));
      return { items, next: turn < 3 ? String(turn + 1) : null };
    });
    const { step, points } = await askHistory(
      ['a_1', 'b_2'],
      { from: NOW - 6 * HOUR - 7, to: NOW - 7 },
      how((n) => told.push(n)),
    );
    expect(step).toBe(60_000);
    expect(points.get('a_1')?.map(({ last }) => last)).toEqual([0, 10, 20, 30]);
    expect(points.get('b_2')?.map(({ last }) => last)).toEqual([1, 11, 21, 31]);
    expect(told).toEqual([2, 4, 6]);
    expect(asked).toHaveLength(4);
    for (const { searchParams } of asked) {
      expect(searchParams.getAll('sensor')).toEqual(['a_1', 'b_2']);
      expect(searchParams.get('step')).toBe('1m');
      expect(Number(searchParams.get('from'))).toBe(NOW - 6 * HOUR - 60_000);
      expect(Number(searchParams.get('to'))).toBe(NOW);
    }
  });

  it('asks for single readings of a short range, of each sensor', async () => {
    const reading = (at: number, value: number) => ({ time: iso(at), value, kind: 'SMOKE', status: 'warning' });
    const asked = server((url) =>
      url.searchParams.has('after')
        ? { items: [reading(NOW - 1_000, 8)], next: null }
        : { items: [reading(NOW - 2_000, 7)], next: 'on' },
    );
    const { step, points } = await askHistory(['a_1', 'b_2'], { from: NOW - 60_000, to: NOW }, how());
    expect(step).toBe(0);
    expect(points.get('b_2')?.map(({ last, status }) => [last, status])).toEqual([
      [7, 'warning'],
      [8, 'warning'],
    ]);
    expect(asked.map(({ pathname }) => pathname).sort()).toEqual([
      '/api/v1/history/a_1',
      '/api/v1/history/a_1',
      '/api/v1/history/b_2',
      '/api/v1/history/b_2',
    ]);
  });

  it('takes steps where there are too many readings', async () => {
    const many = Array.from({ length: READINGS_MAX }, (_, index) => ({
      time: iso(NOW - 60_000 + index),
      value: 1,
      kind: 'SMOKE',
      status: 'normal',
    }));
    server((url) =>
      url.searchParams.has('step')
        ? { items: [{ ip_id: 'a_1', items: [bucket(NOW - 1_000, 1)] }], next: null }
        : { items: many, next: 'on' },
    );
    const { step, points } = await askHistory(['a_1'], { from: NOW - 60_000, to: NOW }, how());
    expect(step).toBe(100);
    expect(points.get('a_1')).toHaveLength(1);
  });
});

describe('the search for something earlier', () => {
  it('finds the step of the last reading, or nothing', async () => {
    server(() => ({
      items: [{ ip_id: 'a_1', items: [bucket(NOW - 9 * HOUR, 1), bucket(NOW - 5 * HOUR, 1)] }],
      next: null,
    }));
    expect(await askEarlier('a_1', NOW, how().signal)).toBe(NOW - 5 * HOUR);
    server(() => ({ items: [{ ip_id: 'a_1', items: [] }], next: null }));
    expect(await askEarlier('a_1', NOW, how().signal)).toBeUndefined();
  });
});
