import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { words } from '../words';
import { call, newKey } from './call';

let asked: RequestInit[];
let answer: (init: RequestInit) => Promise<Response>;
const json = (value: unknown) =>
  new Response(JSON.stringify(value), { headers: { 'Content-Type': 'application/json' } });
/** A server that takes the question and never answers, as one whose cable was pulled. */
const never = ({ signal }: RequestInit) =>
  new Promise<Response>((_, refuse) => signal?.addEventListener('abort', () => refuse(signal.reason as Error)));

beforeEach(() => {
  vi.useFakeTimers();
  // The clock of the browser's own time limits is none that a test can move.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const limit = new AbortController();
    setTimeout(() => limit.abort(new DOMException('late', 'TimeoutError')), ms);
    return limit.signal;
  });
  asked = [];
  answer = never;
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    asked.push(init);
    return answer(init);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test('A request that nobody answers fails, and says that the server cannot be reached.', async () => {
  const failed = expect(call('GET /api/v1/session')).rejects.toMatchObject({
    status: 0,
    message: words.common.unreachable,
  });
  await vi.advanceTimersByTimeAsync(30_000);
  await failed;
});

test('What is uploaded may take long.', async () => {
  let isOver = false;
  const request = { query: { format: 'csv' }, body: 'a', contentType: 'text/csv' };
  void call('POST /api/v1/import', request as never)
    .catch(() => {})
    .then(() => (isOver = true));
  await vi.advanceTimersByTimeAsync(120_000);
  expect(isOver).toBe(false);
});

test('Half of an answer is none.', async () => {
  answer = () => Promise.resolve(new Response('{"na', { headers: { 'Content-Type': 'application/json' } }));
  await expect(call('GET /api/v1/session')).rejects.toMatchObject({ status: 0, message: words.common.unreachable });
});

test('Whoever gives up is told of it, and of no failure.', async () => {
  const stop = new AbortController();
  const failed = expect(call('GET /api/v1/buildings', { signal: stop.signal } as never)).rejects.not.toHaveProperty(
    'status',
  );
  stop.abort();
  await failed;
});

test('A command that is given again by the same key is the same command, and another one is not.', async () => {
  answer = () => Promise.resolve(json({}));
  const [key, body] = [newKey(), { kind: 'fire', zone: 'north' }];
  for (const more of [{ key }, { key }, {}]) await call('POST /api/v1/emergencies', { body, ...more } as never);
  const keys = asked.map(({ headers }) => (headers as Headers).get('Idempotency-Key'));
  expect(keys.slice(0, 2)).toEqual([key, key]);
  expect(keys[2]).not.toBe(key);
});
