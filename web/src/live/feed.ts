// Follows the server for all pages of a browser, over as few lines as can be.
import type { Alarm, Event, Node } from '../api/types';
import { Line, type Ears } from './line';
import type { Reading, Snapshot, Wanted } from './messages';
import { Rounds } from './rounds';

/** Browsers open six connections to a server, and the pages need some of them. Whoever sees more buildings has them asked for. */
export const LINES_MAX = 3;

export interface Listener {
  /** `since`: the entry of the journal after which some may have been missed. */
  snapshot(snapshot: Snapshot, since: number | undefined): void;
  alarm(alarm: Alarm): void;
  event(event: Event): void;
  reading(reading: Reading): void;
  node(node: Node): void;
  /** `at`: when what was heard longest ago was heard, by this machine's clock. */
  heard(time: string, at: number): void;
  /** Buildings of which nothing is told, since they are no places any more. */
  unseen(zones: string[]): void;
  /** The server no longer knows who asks. */
  refused(): void;
}

/** What one line asks for. */
export interface Part {
  zone: string | null;
  readings: boolean;
  /** The zone narrows the readings alone. */
  readingsOnly: boolean;
  /** There are too many buildings for lines. */
  inRounds: boolean;
}

/** Which readings to ask for: those of a place, where all who follow want the same, else all; null: none. */
export function together(wanted: Wanted[]): Wanted | null {
  const [first, ...others] = wanted;
  if (!first) return null;
  return others.every((other) => other.zone === first.zone) ? first : { zone: null };
}

/** The lines that are needed. The server tells somebody who sees some buildings alone of one of them on each line, and of all that is
 * in it: no alarm may be missing because a page wants the readings of a smaller place. */
export function parts(reach: string[], wanted: Wanted | null): Part[] {
  const readings = wanted !== null;
  if (reach.length > 0 && reach.length <= LINES_MAX) {
    return reach.map((zone) => ({ zone, readings, readingsOnly: false, inRounds: false }));
  }
  return [{ zone: wanted?.zone ?? null, readings, readingsOnly: true, inRounds: reach.length > 0 }];
}

/** The address of a line. */
export function lineAddress(base: string, part: Part): URL {
  const url = new URL('api/v1/live', base);
  url.searchParams.set('kind', part.readings ? 'alarm,event,node,reading' : 'alarm,event,node');
  if (part.zone !== null) {
    url.searchParams.set('zone', part.zone);
    if (part.readingsOnly) url.searchParams.set('everywhere', 'alarm,event,node');
  }
  return url;
}

/** Where news comes from: a line, or rounds of questions. */
interface Source {
  lastSeq: number | undefined;
  readonly heardAt: number;
  open(): void;
  close(): void;
}

/** One source, and how everything stands by what it told. */
interface Followed {
  part: Part;
  source: Source;
  snapshot: Snapshot | undefined;
  alarms: Map<number, Alarm>;
  /** The server's time when it was heard last. */
  time: string;
  /** It is about a building that is no place any more. It is asked for all the same: it may come back. */
  isGone: boolean;
}

/** Parts of which one goes on where the other ended. */
const keyOf = (part: Part) => (part.readingsOnly ? '' : (part.zone ?? ''));

export class Feed {
  readonly #base: string;
  readonly #listener: Listener;
  #followed: Followed[] = [];
  #asked = '';
  #reach = '';
  #heardUpTo = -Infinity;
  #since: number | undefined;

  /** `base`: the address of the dashboard, which the API is beside. */
  constructor(base: string, listener: Listener) {
    this.#base = base;
    this.#listener = listener;
  }

  /** Whether the server is followed. */
  get isOpen(): boolean {
    return this.#followed.length > 0;
  }

  get unseen(): string[] {
    return this.#followed.filter((one) => one.isGone).map(({ part }) => part.zone ?? '');
  }

  /** How everything stands, for a page that comes later; undefined, until all lines have told. */
  get now(): Snapshot | undefined {
    const there = this.#there;
    const snapshots = there.map((one) => one.snapshot).filter((one) => one !== undefined);
    const [first] = snapshots;
    if (!first || snapshots.length < there.length) return undefined;
    return {
      time: first.time,
      last_seq: Math.max(...there.map(({ source }) => source.lastSeq ?? 0)),
      suppressions: snapshots.reduce((sum, one) => sum + one.suppressions, 0),
      flood: snapshots.some((one) => one.flood),
      alarms: there.flatMap((one) => [...one.alarms.values()]),
    };
  }

  /** Follows what is wanted, unless that is done already. Whether it has begun anew. */
  want(reach: string[], wanted: Wanted | null): boolean {
    const needed = parts(reach, wanted);
    const asked = JSON.stringify(needed);
    if (this.isOpen && asked === this.#asked) return false;
    const isSameReach = JSON.stringify(reach) === this.#reach;
    const known = new Map(isSameReach ? this.#followed.map((one) => [keyOf(one.part), one.source.lastSeq]) : []);
    this.close();
    [this.#asked, this.#reach] = [asked, JSON.stringify(reach)];
    this.#followed = needed.map((part) => this.#follow(part, known.get(keyOf(part))));
    this.open();
    return true;
  }

  /** Begins anew. */
  open(): void {
    for (const { source } of this.#followed) source.open();
  }

  /** Follows nothing more. */
  close(): void {
    for (const { source } of this.#followed) source.close();
    this.#followed = [];
    this.#since = undefined;
  }

  get #there(): Followed[] {
    return this.#followed.filter((one) => !one.isGone);
  }

  #follow(part: Part, lastSeq: number | undefined): Followed {
    const listener = this.#listener;
    let asked = part;
    const ears: Ears = {
      snapshot: (snapshot, since) => {
        followed.snapshot = snapshot;
        followed.alarms = new Map(snapshot.alarms.map((alarm) => [alarm.id, alarm]));
        if (since !== undefined) this.#since = Math.min(since, this.#since ?? since);
        this.#isGone(followed, false);
        this.#heard(followed, snapshot.time);
        this.#tellNow();
      },
      alarm: (alarm) => {
        // As on the pages: one that is normal is shown nowhere.
        if (alarm.state === 'normal') followed.alarms.delete(alarm.id);
        else followed.alarms.set(alarm.id, alarm);
        listener.alarm(alarm);
      },
      event: (event) => listener.event(event),
      reading: (reading) => listener.reading(reading),
      node: (node) => listener.node(node),
      beat: (time) => this.#heard(followed, time),
      refused: (status) => {
        if (status === 401) listener.refused();
        if (status !== 422) return;
        // There is no such place any more: that must cost nobody the alarms of all others.
        if (part.readingsOnly) asked = { ...part, zone: null };
        else if (this.#isGone(followed, true)) this.#tellNow();
      },
    };
    const source = part.inRounds
      ? new Rounds(this.#base, () => asked, ears)
      : new Line(() => lineAddress(this.#base, asked), ears);
    source.lastSeq = lastSeq;
    const followed: Followed = { part, source, snapshot: undefined, alarms: new Map(), time: '', isGone: false };
    return followed;
  }

  /** Whether that is news. */
  #isGone(followed: Followed, isGone: boolean): boolean {
    if (followed.isGone === isGone) return false;
    followed.isGone = isGone;
    this.#listener.unseen(this.unseen);
    return true;
  }

  #tellNow(): void {
    const now = this.now;
    if (!now) return;
    this.#listener.snapshot(now, this.#since);
    this.#since = undefined;
  }

  /** What is shown is as old as what was heard longest ago. */
  #heard(followed: Followed, time: string): void {
    followed.time = time;
    const [slowest] = this.#there.sort((a, b) => a.source.heardAt - b.source.heardAt);
    if (!slowest || slowest.source.heardAt <= this.#heardUpTo) return;
    this.#heardUpTo = slowest.source.heardAt;
    this.#listener.heard(slowest.time, Date.now() - (performance.now() - this.#heardUpTo));
  }
}
