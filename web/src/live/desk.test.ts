// Pages, the desk and the feed together, against a server that says what it should.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Desk } from './desk';
import { alarm, event, FakeServer, node, reading, snapshot } from './fake.test-help';
import type { ToPage, ToWorker, Wanted } from './messages';

let server: FakeServer;
let desk: Desk;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  desk = new Desk();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A page: what it was told, and what it says. */
function page() {
  const told: ToPage[] = [];
  const door = (message: ToPage) => told.push(message);
  const say = async (message: ToWorker) => {
    desk.hear(door, message);
    await vi.advanceTimersByTimeAsync(0);
  };
  return {
    told,
    say,
    here: (...wanted: Wanted[]) => say({ say: 'here', base: 'http://poe/', wanted }),
    of: <S extends ToPage['say']>(what: S) => told.filter((one) => one.say === what) as Extract<ToPage, { say: S }>[],
  };
}

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const kinds = () => server.last.searchParams.get('kind');
const everywhere: Wanted = { zone: null };

describe('what is asked for', () => {
  test('readings that nobody wants are not asked for', async () => {
    const one = page();
    await one.here();
    expect(kinds()).toBe('alarm,event,node');
    await one.here(everywhere);
    expect(kinds()).toBe('alarm,event,node,reading');
    await one.here();
    expect(kinds()).toBe('alarm,event,node');
    expect(server.open).toBe(1);
  });

  test('places narrow the readings, and nothing else', async () => {
    await page().here({ zone: 'cellar' }, { zone: 'attic' });
    expect(server.last.search).toBe(
      '?kind=alarm%2Cevent%2Cnode%2Creading&zone=attic%2Ccellar&everywhere=alarm%2Cevent%2Cnode',
    );
    await page().here(everywhere);
    expect(server.last.searchParams.has('zone')).toBe(false);
    expect(server.open).toBe(1);
  });

  test('more places than an address holds are everywhere', async () => {
    await page().here(...Array.from({ length: 33 }, (_, at) => ({ zone: `room-${at}` })));
    expect(server.last.search).toBe('?kind=alarm%2Cevent%2Cnode%2Creading');
  });

  test('a place that is no longer there costs nobody the alarms', async () => {
    server.status = 422;
    const one = page();
    await one.here({ zone: 'gone' });
    server.status = 200;
    await after(1_000);
    expect(server.open).toBe(1);
    expect(server.last.searchParams.has('zone')).toBe(false);
    await one.here({ zone: 'attic' });
    expect(server.last.searchParams.get('zone')).toBe('attic');
  });

  test('nobody is there, and nothing is followed', async () => {
    const one = page();
    await one.here();
    await one.say({ say: 'bye' });
    expect(server.open).toBe(0);
    await after(60_000);
    expect(server.asked).toHaveLength(1);
  });

  test('a page that says nothing for long is forgotten', async () => {
    const [gone, there] = [page(), page()];
    await gone.here(everywhere);
    await there.here();
    for (let s = 0; s < 240; s += 30) {
      await after(30_000);
      await there.here();
    }
    expect(kinds()).toBe('alarm,event,node');
  });
});

describe('what pages are told', () => {
  test('a page that comes later, or has slept, has all told anew, over the one line', async () => {
    const [first, second] = [page(), page()];
    await first.here();
    await server.say('snapshot', snapshot(7, [alarm(1)]));
    await second.here();
    expect([server.asked.length, server.open]).toEqual([2, 1]);
    await server.say('snapshot', snapshot(8, [alarm(1), alarm(2)]));
    expect(second.of('snapshot')).toMatchObject([{ since: 7, snapshot: { last_seq: 8 } }]);
    expect(first.of('snapshot')).toHaveLength(2);
    await second.say({ say: 'bye' });
    await second.here();
    expect([server.asked.length, server.open]).toEqual([3, 1]);
    await second.here();
    expect(server.asked).toHaveLength(3);
  });

  test('an alarm is told at once, and those right after it together', async () => {
    const one = page();
    await one.here();
    await server.say('snapshot', snapshot(1));
    for (let id = 1; id <= 100; id += 1) await server.say('alarm', alarm(id));
    expect(one.of('alarms').map(({ alarms }) => alarms.length)).toEqual([1]);
    await after(60);
    expect(one.of('alarms').map(({ alarms }) => alarms.length)).toEqual([1, 99]);
  });

  test('no alarm is told after a snapshot that knows of what came later', async () => {
    const one = page();
    await one.here();
    await server.say('snapshot', snapshot(1));
    await server.say('alarm', alarm(1));
    await server.say('alarm', alarm(2));
    await server.say('snapshot', snapshot(4, []));
    await after(100);
    const news = one.told.map(({ say }) => say).filter((say) => say !== 'heard');
    expect(news).toEqual(['snapshot', 'alarms', 'alarms', 'snapshot']);
  });

  test('changes are coalesced until a page has taken the last ones', async () => {
    const one = page();
    await one.here(everywhere);
    await server.say('reading', reading('a_1', 1));
    desk.passOn();
    for (let value = 2; value <= 50; value += 1) await server.say('reading', reading('a_1', value));
    await server.say('node', node('a', 1));
    desk.passOn();
    expect(one.of('changes')).toHaveLength(1);
    await one.say({ say: 'taken' });
    desk.passOn();
    desk.passOn();
    expect(one.of('changes')).toHaveLength(2);
    expect(one.of('changes')[1]).toEqual({ say: 'changes', readings: [reading('a_1', 50)], nodes: [node('a', 1)] });
  });

  test('many changes are told in portions, and all of them', async () => {
    const one = page();
    await one.here(everywhere);
    for (let id = 0; id < 2_000; id += 1) await server.say('reading', reading(`a_${id}`, id));
    for (let turn = 0; turn < 10; turn += 1) {
      desk.passOn();
      await one.say({ say: 'taken' });
    }
    const told = one.of('changes').map(({ readings }) => readings.length);
    expect(told.reduce((sum, count) => sum + count)).toBe(2_000);
    expect(Math.max(...told)).toBeLessThanOrEqual(1_000);
  });

  test('readings go to pages that want some', async () => {
    const [wants, not] = [page(), page()];
    await wants.here(everywhere);
    await not.here();
    await server.say('reading', reading('a_1', 1));
    desk.passOn();
    expect([wants.of('changes').length, not.of('changes').length]).toEqual([1, 0]);
  });

  test('whoever begins to want readings is told of all anew', async () => {
    const [first, second] = [page(), page()];
    await first.here(everywhere);
    await second.here();
    await second.here(everywhere);
    expect(server.asked).toHaveLength(3);
    await second.here(everywhere);
    expect(server.asked).toHaveLength(3);
  });
});

describe('when readings and nodes are as they are', () => {
  /** What a page was told, but for the beats. */
  const order = (one: ReturnType<typeof page>) => one.told.map(({ say }) => say).filter((say) => say !== 'heard');

  test('is told after the last of those that waited', async () => {
    const one = page();
    await one.here(everywhere);
    await server.say('snapshot', snapshot(1));
    for (let id = 0; id < 700; id += 1) await server.say('reading', reading(`a_${id}`, id));
    await server.say('current', { time: '' });
    expect(order(one)).toEqual(['snapshot']);
    desk.passOn();
    await one.say({ say: 'taken' });
    expect(order(one)).toEqual(['snapshot', 'changes']);
    // What comes meanwhile, and never ends, is not waited for.
    await server.say('reading', reading('a_0', 9));
    await server.say('reading', reading('a_699', 9));
    desk.passOn();
    expect(order(one)).toEqual(['snapshot', 'changes', 'changes', 'current']);
    expect(one.of('changes')[1]!.readings.map(({ ip_id }) => ip_id)).toContain('a_699');
  });

  test('is told at once to a page that wants no readings', async () => {
    const [wants, not] = [page(), page()];
    await wants.here(everywhere);
    await not.here();
    await server.say('snapshot', snapshot(1));
    await server.say('reading', reading('a_1', 1));
    await server.say('current', { time: '' });
    expect([wants.of('current').length, not.of('current').length]).toEqual([0, 1]);
  });

  test('a snapshot begins it anew', async () => {
    const one = page();
    await one.here(everywhere);
    await server.say('snapshot', snapshot(1));
    await server.say('reading', reading('a_1', 1));
    await server.say('current', { time: '' });
    await server.say('snapshot', snapshot(2));
    desk.passOn();
    expect(order(one)).toEqual(['snapshot', 'snapshot', 'changes']);
    await one.say({ say: 'behind' });
    expect(one.of('current')).toHaveLength(0);
    await server.say('current', { time: '' });
    expect(one.of('current')).toHaveLength(1);
  });

  test('a page that was away asks, and is answered when it has taken what waited', async () => {
    const one = page();
    await one.here(everywhere);
    await server.say('snapshot', snapshot(1));
    await server.say('current', { time: '' });
    await server.say('reading', reading('a_1', 1));
    desk.passOn();
    await server.say('reading', reading('a_1', 2));
    await one.say({ say: 'behind' });
    desk.passOn();
    expect(one.of('current')).toHaveLength(1);
    await one.say({ say: 'taken' });
    desk.passOn();
    expect(order(one).slice(-2)).toEqual(['changes', 'current']);
  });
});

describe('what happens to the server', () => {
  test('after a cut the alarms come first, with the entry from where the journal was missed', async () => {
    const one = page();
    await one.here();
    await server.say('snapshot', snapshot(7));
    await server.say('event', event(8), 8);
    await server.say('event', event(9));
    await server.say('heartbeat', { time: '', flood: false });
    await server.cut();
    await after(1_000);
    expect(server.last.searchParams.has('after')).toBe(false);
    await server.say('snapshot', snapshot(20_000, [alarm(1)]));
    // The ninth is not stored yet, as far as anybody knows.
    expect(one.of('snapshot').at(-1)).toMatchObject({ since: 8, snapshot: { last_seq: 20_000, alarms: [{ id: 1 }] } });
  });

  test('a server that stands still is asked anew, and not more than once at a time', async () => {
    const one = page();
    await one.here();
    await server.say('snapshot', snapshot(7));
    await after(30_000);
    expect(server.asked.length).toBeGreaterThan(3);
    expect(server.open).toBe(1);
    await server.say('snapshot', snapshot(8));
    expect(one.of('snapshot').at(-1)!.snapshot.last_seq).toBe(8);
  });

  test('a server that is away is asked every few seconds', async () => {
    server.status = 0;
    const one = page();
    await one.here();
    await after(60_000);
    expect(server.asked.length).toBeGreaterThan(15);
    expect(server.asked.length).toBeLessThan(40);
    server.status = 200;
    await after(4_000);
    await server.say('snapshot', snapshot(1));
    expect(one.of('snapshot')).toHaveLength(1);
  });

  test('one that does not know who asks is not asked again until somebody has come in', async () => {
    const [one, other] = [page(), page()];
    await one.here();
    await other.here();
    await server.say('snapshot', snapshot(7));
    server.status = 401;
    await server.cut();
    await after(30_000);
    expect(server.asked).toHaveLength(3);
    expect([one.of('refused').length, other.of('refused').length]).toEqual([1, 1]);
    server.status = 200;
    await one.here();
    await server.say('snapshot', snapshot(9));
    expect(other.of('snapshot').at(-1)).toMatchObject({ since: 7 });
  });
});
