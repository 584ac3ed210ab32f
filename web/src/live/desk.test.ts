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
    here: (wanted: Wanted[] = [], more: { reach?: string[] } = {}) =>
      say({ say: 'here', base: 'http://poe/', wanted, reach: [], ...more }),
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
    await one.here([everywhere]);
    expect(kinds()).toBe('alarm,event,node,reading');
    await one.here();
    expect(kinds()).toBe('alarm,event,node');
    expect(server.open).toBe(1);
  });

  test('a place that all want narrows the readings, and nothing else', async () => {
    const one = page();
    await one.here([{ zone: 'attic' }]);
    expect(server.last.search).toBe('?kind=alarm%2Cevent%2Cnode%2Creading&zone=attic&everywhere=alarm%2Cevent%2Cnode');
    await page().here([{ zone: 'cellar' }]);
    expect(server.last.searchParams.has('zone')).toBe(false);
  });

  test('somebody who sees one building is told of all that is in it, whatever place a page wants', async () => {
    await page().here([{ zone: 'attic' }], { reach: ['north'] });
    expect(server.last.searchParams.get('zone')).toBe('north');
    expect(server.last.searchParams.has('everywhere')).toBe(false);
  });

  test('a place that is no longer there costs nobody the alarms', async () => {
    server.status = 422;
    await page().here([{ zone: 'gone' }]);
    server.status = 200;
    await after(1_000);
    expect(server.open).toBe(1);
    expect(server.last.searchParams.has('zone')).toBe(false);
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
    await gone.here([everywhere]);
    await there.here();
    for (let s = 0; s < 240; s += 30) {
      await after(30_000);
      await there.here();
    }
    expect(kinds()).toBe('alarm,event,node');
  });
});

describe('what pages are told', () => {
  test('a page that comes later is told how everything stands now, without another question', async () => {
    const first = page();
    await first.here();
    await server.say('snapshot', snapshot(7, [alarm(1), alarm(2)]));
    await server.say('alarm', alarm(3));
    await server.say('alarm', alarm(1, 'normal'));
    const second = page();
    await second.here();
    expect(server.asked).toHaveLength(1);
    expect(second.of('snapshot')[0]!.snapshot.alarms.map(({ id }) => id)).toEqual([2, 3]);
    expect(second.of('snapshot')[0]!.snapshot.last_seq).toBe(7);
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
    await one.here([everywhere]);
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
    await one.here([everywhere]);
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
    await wants.here([everywhere]);
    await not.here();
    await server.say('reading', reading('a_1', 1));
    desk.passOn();
    expect([wants.of('changes').length, not.of('changes').length]).toEqual([1, 0]);
  });

  test('whoever begins to want readings is told of all anew', async () => {
    const [first, second] = [page(), page()];
    await first.here([everywhere]);
    await second.here();
    await second.here([everywhere]);
    expect(server.asked).toHaveLength(2);
    await second.here([everywhere]);
    expect(server.asked).toHaveLength(2);
  });
});

describe('what happens to the server', () => {
  test('after a cut the alarms come first, with the entry from where the journal was missed', async () => {
    const one = page();
    await one.here();
    await server.say('snapshot', snapshot(7));
    await server.say('event', event(8), 8);
    await server.say('event', event(9));
    await server.say('heartbeat', { time: '' });
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
    expect(server.asked).toHaveLength(2);
    expect([one.of('refused').length, other.of('refused').length]).toEqual([1, 1]);
    server.status = 200;
    await one.say({ say: 'entered' });
    await one.here();
    expect(server.last.searchParams.has('after')).toBe(false);
    expect(other.of('entered')).toHaveLength(1);
    expect(one.of('entered')).toHaveLength(0);
  });

  test('a page that slept keeps no other page from the alarms', async () => {
    const [awake, asleep] = [page(), page()];
    await awake.here();
    await asleep.here();
    await server.say('snapshot', snapshot(7));
    await asleep.say({ say: 'bye' });
    for (let seq = 8; seq < 2_000; seq += 1) await server.say('event', event(seq), seq);
    await asleep.here();
    expect(server.asked).toHaveLength(1);
    expect(asleep.of('snapshot').at(-1)).toMatchObject({ since: undefined, snapshot: { last_seq: 1_999 } });
  });
});

describe('somebody who sees several buildings', () => {
  const both = { reach: ['north', 'south'] };

  test('is told of each, and how everything stands once both are known', async () => {
    const one = page();
    await one.here([], both);
    expect(server.open).toBe(2);
    await server.say('snapshot', snapshot(7, [alarm(1)]), undefined, 'north');
    expect(one.of('snapshot')).toHaveLength(0);
    await server.say('snapshot', snapshot(8, [alarm(2)]), undefined, 'south');
    expect(one.of('snapshot')[0]!.snapshot).toMatchObject({ last_seq: 8, alarms: [{ id: 1 }, { id: 2 }] });
    await server.say('alarm', alarm(3), undefined, 'north');
    await server.say('snapshot', snapshot(9, []), undefined, 'south');
    expect(one.of('snapshot')[1]!.snapshot.alarms.map(({ id }) => id)).toEqual([1, 3]);
  });

  test('does not see as alive what half of is silent', async () => {
    const one = page();
    await one.here([], both);
    await server.say('snapshot', snapshot(7));
    const heard = one.of('heard').length;
    await after(5_000);
    await server.say('heartbeat', { time: '' }, undefined, 'north');
    expect(one.of('heard')).toHaveLength(heard);
    await server.say('heartbeat', { time: '' }, undefined, 'south');
    expect(one.of('heard')).toHaveLength(heard + 1);
  });

  test('is told for each line from where it missed the journal', async () => {
    const one = page();
    await one.here([], both);
    await server.say('snapshot', snapshot(7));
    await server.say('event', event(90), 90, 'south');
    await server.cut();
    await after(1_000);
    await server.say('snapshot', snapshot(100));
    expect(one.of('snapshot').map(({ since }) => since)).toEqual([undefined, 7, 90]);
  });

  test('is told of the others, and so, when one was renamed or removed', async () => {
    server.unknown.add('south');
    const one = page();
    await one.here([], both);
    await server.say('snapshot', snapshot(7, [alarm(1)]));
    expect(one.of('snapshot').at(-1)!.snapshot.alarms).toHaveLength(1);
    expect(one.of('heard')).toHaveLength(1);
    expect(one.of('unseen').at(-1)!.zones).toEqual(['south']);
    const later = page();
    await later.here([], both);
    expect(later.of('unseen').at(-1)!.zones).toEqual(['south']);
    server.unknown.clear();
    await after(4_000);
    await server.say('snapshot', snapshot(8, [alarm(2)]), undefined, 'south');
    expect(
      one
        .of('snapshot')
        .at(-1)!
        .snapshot.alarms.map(({ id }) => id),
    ).toEqual([1, 2]);
    expect(one.of('unseen').at(-1)!.zones).toEqual([]);
  });
});

describe('somebody who sees more buildings than there can be lines', () => {
  const eight = { reach: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] };

  test('is told of all of them without a line, and alarms within a second', async () => {
    server.lists.set('alarms', [alarm(1)]);
    const one = page();
    await one.here([], eight);
    expect(server.open).toBe(0);
    expect(one.of('snapshot')[0]!.snapshot.alarms.map(({ id }) => id)).toEqual([1]);
    server.lists.set('alarms', [alarm(1), alarm(2)]);
    await after(1_000);
    expect(
      one
        .of('snapshot')
        .at(-1)!
        .snapshot.alarms.map(({ id }) => id),
    ).toEqual([1, 2]);
  });

  test('is told of each entry of the journal once, and of what has changed alone', async () => {
    server.lists.set('events', [event(1), event(2)]);
    server.lists.set('sensors', [reading('a_1', 1), reading('a_2', 1)]);
    const one = page();
    await one.here([everywhere], eight);
    desk.passOn();
    await one.say({ say: 'taken' });
    server.lists.set('events', [event(1), event(2), event(3)]);
    server.lists.set('sensors', [reading('a_1', 1), reading('a_2', 5)]);
    await after(5_000);
    desk.passOn();
    expect(one.of('events').flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual([3]);
    expect(one.of('changes').map(({ readings }) => readings.length)).toEqual([2, 1]);
  });

  test('sees as old what the server no longer answers for, and is there again with it', async () => {
    const one = page();
    await one.here([], eight);
    server.status = 0;
    await after(1_000);
    const heard = one.of('heard').length;
    await after(20_000);
    expect(one.of('heard')).toHaveLength(heard);
    server.status = 200;
    await after(1_000);
    expect(one.of('heard').length).toBeGreaterThan(heard);
  });

  test('is not asked for again when nobody is in, or nobody there', async () => {
    const one = page();
    await one.here([], eight);
    server.status = 401;
    await after(1_000);
    const asked = server.listed.length;
    await after(20_000);
    expect(server.listed.length).toBe(asked);
    expect(one.of('refused')).toHaveLength(1);
  });
});
