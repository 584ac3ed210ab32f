import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Event, Place, Suppression } from '../api/types';
import { places } from './places.svelte';
import { Service } from './service.svelte';

const out = (source: string, more: Partial<Suppression> = {}) =>
  ({ source, source_kind: 'place', source_name: null, kind: 'out_of_service', ...more }) as Suppression;
const entry = (kind: string, text: string) => ({ kind, text }) as Event;

/** What the server answers from now on; nothing: it does not. */
let list: Suppression[] | undefined;
let asked: number;
let service: Service;
const later = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', () => {
    asked += 1;
    const headers = { 'Content-Type': 'application/json' };
    if (!list) return Promise.reject(new TypeError('away'));
    return Promise.resolve(new Response(JSON.stringify({ items: list, next: null }), { headers }));
  });
  const place = (name: string, within: string | null) => ({ name, within, title: null }) as Place;
  places.all = [place('house', null), place('floor', 'house'), place('hall', 'floor'), place('lab', 'floor')];
  service = new Service();
  [list, asked] = [[], 0];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a place that is out of service takes all that lies in it with it', async () => {
  list = [out('floor'), out('10.0.0.7', { source_kind: 'node' }), out('lab', { kind: 'shelved' })];
  service.stands(3);
  await later();
  expect(service.out.map(({ source }) => source)).toEqual(['floor', '10.0.0.7']);
  expect(['house', 'floor', 'hall', 'lab', 'nowhere'].filter((name) => service.isOut(name))).toEqual([
    'floor',
    'hall',
    'lab',
  ]);
});

test('what was taken out of service twice is counted once', async () => {
  list = [out('hall', { id: 1 }), out('hall', { id: 2 }), out('hall', { source_kind: 'node' })];
  service.stands(3);
  await later();
  expect(service.out).toHaveLength(2);
});

test('what begins and ends is told at once, and what is shelved or quiet by design asks for nothing', async () => {
  list = [out('hall')];
  service.happened(entry('suppression.began', 'out_of_service: painters'));
  await later();
  expect(service.isOut('hall')).toBe(true);
  list = [];
  service.happened(entry('suppression.ended', 'out_of_service: its time is over'));
  await later(1_000);
  expect(service.isOut('hall')).toBe(false);
  service.happened(entry('suppression.began', 'shelved: test'));
  service.happened(entry('alarm.raised', 'out_of_service'));
  await later(5_000);
  expect(asked).toBe(2);
});

test('many at once are read together, and none is forgotten', async () => {
  for (let many = 0; many < 100; many += 1) service.happened(entry('suppression.began', 'out_of_service: works'));
  list = [out('lab')];
  await later(1_000);
  expect([asked, service.isOut('lab')]).toEqual([2, true]);
});

test('where nothing is suppressed nothing is asked for', async () => {
  service.stands(0);
  await later(10_000);
  expect(asked).toBe(0);
});

test('a list that could not be read is asked for again', async () => {
  list = undefined;
  service.stands(1);
  await later(1_000);
  expect(service.old).toBe(true);
  list = [out('hall')];
  await later(6_000);
  expect([service.isOut('hall'), service.old]).toEqual([true, false]);
});

test('an answer for somebody else is dropped', async () => {
  list = [out('hall')];
  service.stands(1);
  service.forget();
  await later(10_000);
  expect(service.out).toEqual([]);
});
