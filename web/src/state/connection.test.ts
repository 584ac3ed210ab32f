import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const time = () => new Date().toISOString();

async function connected() {
  vi.resetModules();
  return (await import('./connection.svelte')).connection;
}

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => vi.useRealTimers());

test('What was heard is alive, and old within five seconds of the last word.', async () => {
  const connection = await connected();
  expect(connection.live).toBe(false);
  connection.heard(time(), Date.now());
  await vi.advanceTimersByTimeAsync(4_000);
  expect(connection.live).toBe(true);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(connection.live).toBe(false);
});

test('A page that learns late of old words does not take them for the present.', async () => {
  const connection = await connected();
  for (let ago = 60_000; ago > 20_000; ago -= 2_000) {
    connection.heard(new Date(Date.now() - ago).toISOString(), Date.now() - ago);
    expect(connection.live).toBe(false);
  }
  // The server's clock is this machine's: it has not been set back by what came late.
  await vi.advanceTimersByTimeAsync(400);
  expect(Math.abs(connection.now - Date.now())).toBeLessThanOrEqual(1_000);
});

test('A word that is two seconds old counts from when it was said.', async () => {
  const connection = await connected();
  connection.heard(time(), Date.now() - 2_000);
  expect(connection.live).toBe(true);
  await vi.advanceTimersByTimeAsync(2_600);
  expect(connection.live).toBe(false);
});

test('Readings are old with the loss, and not alive again with the first word after it.', async () => {
  const connection = await connected();
  connection.heard(time(), Date.now());
  connection.current = true;
  await vi.advanceTimersByTimeAsync(5_000);
  expect([connection.live, connection.current]).toEqual([false, false]);
  connection.heard(time(), Date.now());
  expect([connection.live, connection.current]).toEqual([true, false]);
});

test('A page that slept takes no reading for the present.', async () => {
  const connection = await connected();
  connection.heard(time(), Date.now());
  connection.current = true;
  connection.heard(time(), Date.now() - 60_000);
  expect(connection.current).toBe(false);
});
