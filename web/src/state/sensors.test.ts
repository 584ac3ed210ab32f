import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Node, Sensor } from '../api/types';
import type { Reading } from '../live/messages';
import { Nodes } from './nodes.svelte';
import { Sensors } from './sensors.svelte';

const AT = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`;
const reading = (ip_id: string, value: number, second = 0) =>
  ({ ip_id, node: 'a', id: 1, kind: 'SMOKE', value, status: 'normal', quality: 'good', time: AT(second) }) as Reading;
const sensor = (ip_id: string, value: number, name: string | null = null) =>
  ({ ...reading(ip_id, value), name, place: null }) as Sensor;

/** What the server answers, question by question; the last answer holds. */
function answers(...lists: unknown[][]): { asked: string[]; release: () => Promise<void> } {
  const asked: string[] = [];
  let waiting: (() => void)[] = [];
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url);
    const items = lists[Math.min(asked.length, lists.length) - 1];
    const headers = { 'Content-Type': 'application/json' };
    return new Promise((resolve) => {
      waiting.push(() => resolve(new Response(JSON.stringify({ items, next: null }), { headers })));
    });
  });
  const release = async () => {
    waiting.forEach((one) => one());
    waiting = [];
    await vi.advanceTimersByTimeAsync(0);
  };
  return { asked, release };
}

let sensors: Sensors;
beforeEach(() => {
  vi.useFakeTimers();
  sensors = new Sensors();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('what the feed tells', () => {
  test('changes values, and not names', async () => {
    const server = answers([sensor('a_1', 1, 'Attic')]);
    void sensors.load();
    await server.release();
    sensors.change([reading('a_1', 2)]);
    expect(sensors.get('a_1')).toMatchObject({ value: 2, name: 'Attic' });
  });

  test('is told to pages four times a second at most', () => {
    for (let ms = 0; ms < 1_000; ms += 10) {
      sensors.change([reading('a_1', ms)]);
      vi.advanceTimersByTime(10);
    }
    expect(sensors.version).toBeLessThanOrEqual(5);
    expect(sensors.edition).toBe(1);
    expect(sensors.get('a_1')?.value).toBe(990);
  });

  test('is not made old by a list that was longer on its way', async () => {
    const server = answers([sensor('a_1', 1, 'Attic'), sensor('a_2', 1)]);
    void sensors.load();
    await vi.advanceTimersByTimeAsync(0);
    sensors.change([reading('a_1', 2, 9)]);
    await server.release();
    expect(sensors.get('a_1')).toMatchObject({ value: 2, name: 'Attic' });
    expect(sensors.get('a_2')?.value).toBe(1);
  });

  test('a sensor that nobody knew is named by a list, soon and not for each', async () => {
    const server = answers([sensor('a_1', 1)], [sensor('a_1', 1), sensor('a_2', 1, 'New'), sensor('a_3', 1, 'Newer')]);
    void sensors.load();
    await server.release();
    sensors.change([reading('a_2', 5)]);
    sensors.change([reading('a_3', 5)]);
    await vi.advanceTimersByTimeAsync(0);
    expect(server.asked).toHaveLength(2);
    await server.release();
    expect(sensors.get('a_3')?.name).toBe('Newer');
  });

  test('loads nothing where nobody has loaded a list', () => {
    const server = answers([]);
    sensors.change([reading('a_1', 1)]);
    vi.advanceTimersByTime(60_000);
    expect(server.asked).toHaveLength(0);
  });
});

describe('lists', () => {
  test('are asked for once, however many pages want them', async () => {
    const server = answers([sensor('a_1', 1)]);
    void sensors.load();
    void sensors.load();
    await server.release();
    await sensors.load();
    expect(server.asked).toHaveLength(1);
    expect(sensors.complete).toBe(true);
  });

  test('are asked for again after one that failed', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('away')));
    await expect(sensors.load()).rejects.toThrow();
    const server = answers([sensor('a_1', 1)]);
    void sensors.load();
    await server.release();
    expect(sensors.size).toBe(1);
  });

  test('that are read anew forget what is gone, and keep what came meanwhile', async () => {
    const server = answers([sensor('a_1', 1), sensor('a_2', 1)], [sensor('a_1', 1, 'Attic')]);
    void sensors.load();
    await server.release();
    void sensors.refresh();
    await vi.advanceTimersByTimeAsync(0);
    sensors.change([reading('a_3', 1)]);
    await server.release();
    expect(sensors.values().map(({ ip_id }) => ip_id)).toEqual(['a_1', 'a_3']);
    expect(sensors.get('a_1')?.name).toBe('Attic');
  });

  test('a refresh with nothing loaded asks for nothing', async () => {
    const server = answers([]);
    await sensors.refresh();
    expect(server.asked).toHaveLength(0);
  });

  test('what was on its way for somebody else is dropped', async () => {
    const server = answers([sensor('secret_1', 1)], [sensor('a_1', 1)]);
    void sensors.load();
    await vi.advanceTimersByTimeAsync(0);
    sensors.clear();
    await server.release();
    expect(sensors.size).toBe(0);
    expect(sensors.complete).toBe(false);
  });

  test('of a place alone take no sensors of other places', async () => {
    const server = answers([sensor('a_1', 1)]);
    void sensors.narrow('attic');
    await server.release();
    expect(server.asked[0]).toContain('zone=attic');
    sensors.change([reading('b_1', 1), reading('a_1', 7)]);
    expect(sensors.values().map(({ value }) => value)).toEqual([7]);
  });
});

test('a node keeps what the feed said of it, and takes its counts from the list', async () => {
  const nodes = new Nodes();
  const node = (supervision: string, frames: number) =>
    ({ node: 'a', name: null, place: null, supervision, connections: 1, approved: true, frames }) as Node;
  const server = answers([node('good', 10)]);
  void nodes.load();
  await vi.advanceTimersByTimeAsync(0);
  nodes.change([node('lost', 9)]);
  await server.release();
  expect(nodes.get('a')).toMatchObject({ supervision: 'lost', frames: 10 });
});
