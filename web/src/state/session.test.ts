import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const anna = { name: 'anna', role: 'operator', buildings: [], demo: false, expires: null, via: 'session' };
/** What the server answers to each question, by the end of its address. */
let answers: Record<string, () => Response | Promise<Response>>;
let asked: string[];
const reload = vi.fn();

const json = (value: unknown, status = 200) =>
  new Response(JSON.stringify(value), { status, headers: { 'Content-Type': 'application/json' } });
const away = () => Promise.reject(new TypeError('refused'));
const count = (end: string) => asked.filter((one) => one === end).length;
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function made() {
  vi.resetModules();
  const { session } = await import('./session.svelte');
  const { call } = await import('../api/call');
  return { session, call };
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  reload.mockClear();
  vi.spyOn(location, 'reload').mockImplementation(reload);
  answers = { session: () => json(anna), setup: () => json({ needed: false }), logout: () => json({}) };
  vi.stubGlobal('fetch', (url: string) => {
    const end = url.split('/').at(-1)!;
    asked.push(end);
    return Promise.resolve((answers[end] ?? (() => json({})))());
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test('A server that is away at the start is asked again until it is there, without anybody.', async () => {
  const { session } = await made();
  answers.session = away;
  await session.begin();
  expect(session.stage).toBe('unreachable');
  await after(30_000);
  expect(count('session')).toBeGreaterThan(2);
  answers.session = () => json(anna);
  await after(10_000);
  expect(session.stage).toBe('in');
});

test('Whoever is in stays in while the server is away or too busy, and is not asked about for ever.', async () => {
  const { session } = await made();
  await session.begin();
  answers.session = () => json({}, 503);
  await session.begin();
  expect(session.stage).toBe('in');
  answers.session = () => json(anna);
  await after(10_000);
  const before = count('session');
  await after(60_000);
  expect(count('session')).toBe(before);
});

test('One refusal is doubted, and believed when the server says it again.', async () => {
  const { session, call } = await made();
  await session.begin();
  answers.buildings = () => json({}, 401);
  await call('GET /api/v1/buildings').catch(() => {});
  await after(0);
  expect([session.stage, session.hasEnded]).toEqual(['in', false]);
  answers.session = () => json({}, 401);
  await call('GET /api/v1/buildings').catch(() => {});
  await after(0);
  expect([session.stage, session.hasEnded]).toEqual(['login', true]);
});

test('A logout that the server was not told of is none.', async () => {
  const { session } = await made();
  await session.begin();
  answers.logout = away;
  await expect(session.logout()).rejects.toThrow();
  expect(session.stage).toBe('in');
  answers.logout = () => json({});
  await session.logout();
  expect([session.stage, session.hasEnded]).toEqual(['login', false]);
});

test('When somebody else has come in, nothing of the one before is shown or can be done before the page begins anew.', async () => {
  const { session } = await made();
  await session.begin();
  reload.mockImplementation(() => {
    expect(session.stage).not.toBe('in');
    expect(session.may('POST /api/v1/emergencies')).toBe(false);
  });
  answers.session = () => json({ ...anna, name: 'bert' });
  await session.begin();
  await after(0);
  expect(reload).toHaveBeenCalledOnce();
});
