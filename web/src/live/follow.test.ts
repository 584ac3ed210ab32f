// A page's end of the feed, with a worker that says what it should.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CurrentSession, Sensor } from '../api/types';
import { alarm, event, node, reading, snapshot } from './fake.test-help';
import type { ToPage, ToWorker } from './messages';

let said: ToWorker[];
let hear: (message: ToPage) => void;
/** What lists were asked for. */
let lists: string[];
let status: number;

class Worker {
  readonly port = {
    postMessage: (message: ToWorker) => said.push(message),
    set onmessage(take: (message: { data: ToPage }) => void) {
      hear = (data) => take({ data });
    },
  };
}

/** No other page. */
class Nobody extends EventTarget {
  postMessage(): void {}
}

const ANNA = { name: 'anna', role: 'operator', buildings: [] as string[] };

async function made() {
  vi.resetModules();
  const { follow, rest, wantReadings } = await import('./follow');
  const { alarms } = await import('../state/alarms.svelte');
  const { connection } = await import('../state/connection.svelte');
  const { journal } = await import('../state/journal.svelte');
  const { sensors } = await import('../state/sensors.svelte');
  const { session } = await import('../state/session.svelte');
  [session.current, session.stage] = [ANNA as unknown as CurrentSession, 'in'];
  follow();
  said.length = 0;
  return { follow, rest, wantReadings, alarms, connection, journal, sensors, session };
}

const of = (what: ToWorker['say']) => said.filter(({ say }) => say === what);
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const beat = () => hear({ say: 'heard', time: new Date().toISOString(), at: Date.now(), flood: false });
const stands = (last_seq: number, since?: number) =>
  hear({ say: 'snapshot', snapshot: snapshot(last_seq, [alarm(1)]), since });
function see(isSeen: boolean): void {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(!isSeen);
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  vi.useFakeTimers();
  [said, lists, status] = [[], [], 200];
  vi.stubGlobal('SharedWorker', Worker);
  vi.stubGlobal('BroadcastChannel', Nobody);
  vi.stubGlobal('fetch', (url: string) => {
    lists.push(url);
    const body = JSON.stringify(url.includes('session') ? ANNA : { items: [], next: null });
    return Promise.resolve(new Response(body, { status, headers: { 'Content-Type': 'application/json' } }));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test('Alarms are alive with the snapshot, readings when all have been told.', async () => {
  const { alarms, connection } = await made();
  stands(7);
  beat();
  expect([alarms.known, connection.live, connection.current]).toEqual([true, true, false]);
  hear({ say: 'changes', readings: [reading('a_1', 1)], nodes: [node('a', 1)] });
  expect(connection.current).toBe(false);
  hear({ say: 'current' });
  expect(connection.current).toBe(true);
  stands(8);
  expect([connection.live, connection.current]).toEqual([true, false]);
});

test('Whoever sees some buildings alone is told of a flood by the sign of life.', async () => {
  const { alarms } = await made();
  stands(7);
  for (const flood of [true, false]) {
    hear({ say: 'heard', time: new Date().toISOString(), at: Date.now(), flood });
    expect(alarms.flood).toBe(flood);
  }
});

test('What nobody wanted for an hour is old until it is told anew.', async () => {
  const { wantReadings, connection, sensors } = await made();
  const stop = wantReadings('attic');
  await after(0);
  stands(7);
  hear({ say: 'changes', readings: [reading('a_1', 1)], nodes: [] });
  hear({ say: 'current' });
  stop();
  await after(0);
  expect(connection.current).toBe(true);
  for (let minutes = 0; minutes < 60; minutes += 1) await after(60_000).then(beat);
  hear({ say: 'current' });

  wantReadings('attic');
  await after(0);
  expect(sensors.get('a_1')?.value).toBe(1);
  expect(connection.current).toBe(false);
  // That was said before the worker knew what is wanted.
  hear({ say: 'current' });
  expect(connection.current).toBe(false);
  stands(8);
  hear({ say: 'current' });
  expect(connection.current).toBe(true);
});

test('One page after the other that want the same disturb nothing.', async () => {
  const { wantReadings, connection } = await made();
  const stop = wantReadings('attic');
  await after(0);
  stands(7);
  hear({ say: 'current' });
  stop();
  wantReadings('attic');
  await after(0);
  expect(connection.current).toBe(true);
  expect(said.at(-1)).toMatchObject({ say: 'here', wanted: [{ zone: 'attic' }] });
});

test('A page that nobody saw takes what waited before it looks alive.', async () => {
  const { connection } = await made();
  stands(7);
  beat();
  hear({ say: 'current' });
  see(false);
  hear({ say: 'changes', readings: [reading('a_1', 1)], nodes: [] });
  expect(of('taken')).toHaveLength(0);
  see(true);
  expect(connection.current).toBe(false);
  expect(said.slice(-2)).toEqual([{ say: 'taken' }, { say: 'behind' }]);
});

test('After a loss over the same line somebody asks whether all is told.', async () => {
  const { connection } = await made();
  stands(7);
  beat();
  hear({ say: 'current' });
  said.length = 0;
  await after(5_000);
  expect([connection.live, connection.current]).toEqual([false, false]);
  beat();
  expect([connection.live, connection.current]).toEqual([true, false]);
  expect(of('behind')).toHaveLength(1);
  beat();
  expect(of('behind')).toHaveLength(1);
});

test('What was missed of the journal is read, from where this page or the line knew it.', async () => {
  const { journal } = await made();
  stands(7);
  hear({ say: 'events', events: [event(8)] });
  stands(20, 6);
  await after(0);
  expect(lists.filter((one) => one.includes('events'))).toEqual(['api/v1/events?after=6&limit=500']);
  expect(journal.newest.map(({ seq }) => seq)).toEqual([8]);
});

test('A page that the server does not know any more says so, and knows all it knew when somebody is in again.', async () => {
  const { follow, session, sensors, alarms } = await made();
  stands(7);
  sensors.change([{ ...reading('a_1', 1), kind: 'FIRE' } as Sensor]);
  status = 401;
  hear({ say: 'refused' });
  await after(60_000);
  expect(session.stage).toBe('again');
  expect(of('here')).toHaveLength(0);
  expect(sensors.size + alarms.all.length).toBe(2);
  status = 200;
  await session.enter();
  follow();
  expect(of('here')).toHaveLength(1);
  expect(sensors.size + alarms.all.length).toBe(2);
});

test('A feed that was refused while the session goes on is followed again.', async () => {
  await made();
  hear({ say: 'refused' });
  await after(1_500);
  expect(of('here')).toHaveLength(1);
});

test('Whoever is limited to buildings is told anew which of them are there, when one may have another name.', async () => {
  const { session } = await made();
  session.current = { ...session.current!, buildings: ['north'] };
  hear({ say: 'events', events: [{ ...event(8), kind: 'model.changed' }] });
  await after(0);
  expect(lists.some((one) => one.endsWith('session'))).toBe(true);
});

test('Where nobody is in any more, all is old at once, and stays so whatever is still on its way.', async () => {
  const { follow, rest, connection } = await made();
  stands(7);
  beat();
  hear({ say: 'current' });
  rest();
  beat();
  expect([connection.live, connection.current]).toEqual([false, false]);
  expect(of('bye')).toHaveLength(1);
  follow();
  beat();
  expect(connection.live).toBe(true);
});
