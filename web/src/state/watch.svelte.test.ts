import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Alarm } from '../api/types';
import { router } from '../router/router.svelte';
import { alarms } from './alarms.svelte';
import { connection } from './connection.svelte';
import { session } from './session.svelte';
import { watch } from './watch.svelte';

let stop: () => void;
/** Effects come a moment later than what they are about. */
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const sounds = (of: Alarm['class'] | undefined) =>
  alarms.replace({
    time: '',
    last_seq: 1,
    suppressions: 0,
    flood: false,
    alarms: of
      ? [{ id: 1, class: of, state: 'unacknowledged', suppressed: null, audible: true, since: '' } as Alarm]
      : [],
  });
const hear = () => {
  connection.heard(new Date().toISOString(), Date.now());
  return after(0);
};

beforeEach(async () => {
  vi.useFakeTimers();
  sounds(undefined);
  session.stage = 'in';
  router.query = new URLSearchParams();
  await hear();
  stop = $effect.root(() => {
    $effect(() => watch.begin());
  });
  await after(0);
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

/** The clock that looks whether the server was heard began before the test's. */
const lose = () => {
  connection.live = false;
  return after(0);
};

test('A server that is away for long is heard, and a restart is not.', async () => {
  await lose();
  await after(9_000);
  expect([watch.why, watch.signal]).toEqual([undefined, undefined]);
  await after(2_000);
  expect([watch.why, watch.signal]).toEqual(['lost', 'unwatched']);
  await hear();
  expect([watch.why, watch.signal]).toEqual([undefined, undefined]);
});

test('It can be silenced, and sounds again when it is lost again.', async () => {
  await lose();
  await after(11_000);
  watch.silence();
  expect([watch.why, watch.signal]).toEqual(['lost', undefined]);
  await hear();
  await lose();
  await after(11_000);
  expect(watch.signal).toBe('unwatched');
});

test('An alarm goes on when the server is away, and a trouble stands back.', async () => {
  sounds('alarm');
  await lose();
  await after(11_000);
  expect(watch.signal).toBe('alarm');
  sounds('trouble');
  expect(watch.signal).toBe('unwatched');
  watch.silence();
  expect(watch.signal).toBe('trouble');
});

test('A session that ends in the midst of an alarm is heard until somebody silences it, and a quiet one says so alone.', () => {
  session.stage = 'again';
  expect([watch.why, watch.signal]).toEqual(['ended', undefined]);
  sounds('supervisory');
  expect([watch.why, watch.signal]).toEqual(['ended', 'unwatched']);
  watch.silence();
  expect([watch.why, watch.signal]).toEqual(['ended', undefined]);
});

test('Whoever logs out leaves nothing that sounds.', () => {
  sounds('alarm');
  session.stage = 'login';
  expect([watch.why, watch.signal]).toEqual([undefined, undefined]);
});

test('A wall whose session ends is heard, also while all is quiet.', () => {
  router.query = new URLSearchParams('wall=true');
  session.stage = 'again';
  expect([watch.why, watch.signal]).toEqual(['ended', 'unwatched']);
  watch.silence();
  expect([watch.why, watch.signal]).toEqual(['ended', undefined]);
});
