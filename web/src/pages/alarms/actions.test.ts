import { beforeEach, expect, test, vi } from 'vitest';
import type { Alarm } from '../../api/types';
import { asked } from '../../parts/asked.svelte';
import { alarms } from '../../state/alarms.svelte';
import { session } from '../../state/session.svelte';
import { acknowledge, acknowledgeAll, reset, shelve } from './actions';
import { sample } from './sample';

/** Answers to requests, one after the other. */
function answers(...given: { status?: number; body: unknown }[]): string[] {
  const paths: string[] = [];
  vi.stubGlobal('fetch', (path: string) => {
    paths.push(path);
    const { status = 200, body } = given.shift() ?? { status: 500, body: {} };
    const type = status === 200 ? 'application/json' : 'application/problem+json';
    return Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': type } }));
  });
  return paths;
}

const said = () => asked.notices.map(({ text, isError }) => [text, isError]);
const shown = (...all: Alarm[]) =>
  alarms.replace({
    time: '',
    last_seq: 0,
    suppressions: 0,
    flood: false,
    alarms: all,
  });

beforeEach(() => {
  asked.notices = [];
  session.current = { name: 'anna' } as NonNullable<typeof session.current>;
  shown(sample());
});

test('An acknowledged alarm is shown as such at once.', async () => {
  answers({ body: sample({ state: 'acknowledged', acknowledged_by: 'anna', since: '2026-03-01T10:01:00.000Z' }) });
  expect(await acknowledge(sample())).toBe(true);
  expect(alarms.get(1)?.state).toBe('acknowledged');
  expect(said()).toEqual([['Acknowledged: flame, 10.0.0.7_3.', false]]);
});

test('Where somebody else was faster, the screen is right and nobody is blamed.', async () => {
  answers({ body: sample({ state: 'acknowledged', acknowledged_by: 'bob' }) });
  await acknowledge(sample());
  expect(alarms.get(1)?.acknowledged_by).toBe('bob');
  expect(said()).toEqual([['bob has acknowledged it already.', false]]);
});

test('Where it has ended by somebody else’s acknowledgement, that is told, and it leaves the list.', async () => {
  const paths = answers(
    { status: 409, body: { detail: 'It has already returned to normal.' } },
    { body: sample({ state: 'normal', acknowledged_by: 'bob', since: '2026-03-01T10:02:00.000Z' }) },
  );
  expect(await acknowledge(sample({ state: 'returned_unacknowledged' }))).toBe(false);
  expect(paths).toEqual(['api/v1/alarms/1/acknowledge', 'api/v1/alarms/1']);
  expect(alarms.get(1)).toBeUndefined();
  expect(said()).toEqual([['bob has acknowledged it already.', false]]);
});

test('What the state forbids is told in the server’s words, and is no error.', async () => {
  answers({ status: 409, body: { detail: 'The condition is still true.' } }, { body: sample() });
  await reset(sample());
  expect(said()).toEqual([['The condition is still true.', false]]);
});

test('An error is an error.', async () => {
  answers({ status: 503, body: { detail: 'The server stops.' } });
  await acknowledge(sample());
  expect(said()).toEqual([['The server stops.', true]]);
});

test('An answer that comes late takes nothing back that the feed has told, and brings nothing back that has gone.', async () => {
  const late = sample({ state: 'acknowledged', since: '2026-03-01T10:01:00.000Z' });
  shown(sample({ state: 'latched_acknowledged', since: '2026-03-01T10:02:00.000Z' }));
  answers({ body: late });
  await acknowledge(sample());
  expect(alarms.get(1)?.state).toBe('latched_acknowledged');
  shown();
  answers({ body: late });
  await acknowledge(sample());
  expect(alarms.get(1)).toBeUndefined();
});

test('Many are acknowledged a thousand at a time, and those that others had seen are counted.', async () => {
  const many = Array.from({ length: 1_500 }, (_, id) => sample({ id }));
  const by = (from: number, to: number, name: string) =>
    many.slice(from, to).map((alarm) => ({ ...alarm, state: 'acknowledged', acknowledged_by: name }));
  const paths = answers({ body: { items: by(0, 1_000, 'anna') } }, { body: { items: by(1_000, 1_500, 'bob') } });
  expect(await acknowledgeAll(many)).toBe(true);
  expect(paths.length).toBe(2);
  expect(said()).toEqual([['1500 alarms acknowledged, 500 of them by others before.', false]]);
});

test('What is shelved can be taken back, and a refusal is for the dialog.', async () => {
  const shelved = sample({ suppressed: 'shelved' });
  answers({ body: shelved }, { body: sample() });
  await shelve(sample(), 30, 'painters');
  expect(alarms.get(1)?.suppressed).toBe('shelved');
  await asked.notices[0]?.undo?.();
  await vi.waitFor(() => expect(alarms.get(1)?.suppressed).toBeNull());
  answers({ status: 422, body: { detail: 'Say why.', field: 'reason' } });
  await expect(shelve(sample(), 30, '')).rejects.toThrow('Say why.');
});
