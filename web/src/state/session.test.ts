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

/** What the pages of one browser hear from each other. */
class Channel extends EventTarget {
  static all = new Set<Channel>();
  constructor() {
    super();
    Channel.all.add(this);
  }
  postMessage(data: unknown): void {
    for (const one of Channel.all) if (one !== this) one.dispatchEvent(new MessageEvent('message', { data }));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  Channel.all.clear();
  vi.stubGlobal('BroadcastChannel', Channel);
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

/** The login of somebody who was in, after the session has ended. */
async function ended() {
  const made_ = await made();
  await made_.session.begin();
  answers.session = () => json({}, 401);
  await made_.session.begin();
  return made_.session;
}

test('One refusal is doubted, and believed when the server says it again.', async () => {
  const { session, call } = await made();
  await session.begin();
  answers.buildings = () => json({}, 401);
  await call('GET /api/v1/buildings').catch(() => {});
  await after(0);
  expect(session.stage).toBe('in');
  answers.session = () => json({}, 401);
  await call('GET /api/v1/buildings').catch(() => {});
  await after(0);
  expect(session.stage).toBe('again');
});

test('Whoever was in comes in over the page, and all that is theirs is still there.', async () => {
  const session = await ended();
  expect(session.stage).toBe('again');
  expect(session.may('POST /api/v1/emergencies')).toBe(true);
  answers.session = () => json({ ...anna, role: 'engineer' });
  await session.enter();
  expect([session.stage, session.current?.role]).toEqual(['in', 'engineer']);
  expect(reload).not.toHaveBeenCalled();
});

test('A server that is away while somebody comes in again takes nothing down.', async () => {
  const session = await ended();
  answers.session = away;
  await session.enter();
  expect(session.stage).toBe('again');
  answers.session = () => json(anna);
  await after(10_000);
  expect(session.stage).toBe('in');
});

test.each([
  ['somebody else', { name: 'bert' }],
  ['somebody who sees other buildings', { buildings: ['south'] }],
])('When %s has come in, nothing of before is shown or can be done before the page begins anew.', async (_, other) => {
  const session = await ended();
  reload.mockImplementation(() => {
    expect(session.stage).toBe('starting');
    expect(session.may('POST /api/v1/emergencies')).toBe(false);
  });
  answers.session = () => json({ ...anna, ...other });
  await session.enter();
  await after(0);
  expect(reload).toHaveBeenCalledOnce();
});

test('A logout that the server was not told of is none.', async () => {
  const { session } = await made();
  await session.begin();
  answers.logout = away;
  await expect(session.logout()).rejects.toThrow();
  expect(session.stage).toBe('in');
  answers.logout = () => json({});
  await session.logout();
  expect(session.stage).toBe('starting');
  expect(reload).toHaveBeenCalledOnce();
});

test('Whoever logs out leaves nothing on any page, and whoever comes in is in on all.', async () => {
  const { session: other } = await made();
  await other.begin();
  const { session } = await made();
  await session.begin();
  await session.logout();
  await after(0);
  expect(other.stage).toBe('starting');
  expect(reload).toHaveBeenCalledTimes(2);

  answers.session = () => json({}, 401);
  const { session: third } = await made();
  await third.begin();
  expect(third.stage).toBe('login');
  const { session: fourth } = await made();
  answers.session = () => json(anna);
  await fourth.enter();
  await after(0);
  expect(third.stage).toBe('in');
});
