// Follows the server for all pages of a browser, over as few lines as can be.
import type { Alarm, Event, Node } from '../api/types';
import { Line } from './line';
import type { Reading, Snapshot, Wanted } from './messages';

/** If another line was silent for so long, a word on this one does not mean that all that is shown is alive. */
const ALIVE_MS = 4_000;

export interface Listener {
  snapshot(snapshot: Snapshot): void;
  alarm(alarm: Alarm): void;
  event(event: Event): void;
  reading(reading: Reading): void;
  node(node: Node): void;
  /** `at`: when the line that was heard longest ago was heard, by this machine's clock. */
  heard(time: string, at: number): void;
  /** The server no longer knows who asks. */
  refused(): void;
}

/** What one line asks for. */
export interface Part {
  zone: string | null;
  readings: boolean;
  /** The zone narrows the readings alone. */
  readingsOnly: boolean;
}

/** Which readings to ask for: those of a place, where all who follow want the same, else all; null: none. */
export function together(wanted: Wanted[]): Wanted | null {
  const [first, ...others] = wanted;
  if (!first) return null;
  return others.every((other) => other.zone === first.zone) ? first : { zone: null };
}

/** The lines that are needed. Somebody who sees some buildings alone is told of each by itself, and of all that is in it: no alarm
 * may be missing because a page wants the readings of a smaller place. */
export function parts(reach: string[], wanted: Wanted | null): Part[] {
  const readings = wanted !== null;
  if (reach.length === 0) return [{ zone: wanted?.zone ?? null, readings, readingsOnly: true }];
  return reach.map((zone) => ({ zone, readings, readingsOnly: false }));
}

/** The address of a line. */
export function lineAddress(base: string, part: Part, after: number | undefined): URL {
  const url = new URL('api/v1/live', base);
  url.searchParams.set('kind', part.readings ? 'alarm,event,node,reading' : 'alarm,event,node');
  if (part.zone !== null) {
    url.searchParams.set('zone', part.zone);
    if (part.readingsOnly) url.searchParams.set('everywhere', 'alarm,event,node');
  }
  if (after !== undefined) url.searchParams.set('after', String(after));
  return url;
}

/** One line, and how everything stands by what it told. */
interface Followed {
  line: Line;
  snapshot: Snapshot | undefined;
  alarms: Map<number, Alarm>;
}

export class Feed {
  readonly #base: string;
  readonly #listener: Listener;
  #followed: Followed[] = [];
  #asked = '';
  #reach = '';

  /** `base`: the address of the dashboard, which the API is beside. */
  constructor(base: string, listener: Listener) {
    this.#base = base;
    this.#listener = listener;
  }

  /** Whether the server is followed. */
  get isOpen(): boolean {
    return this.#followed.length > 0;
  }

  /** How everything stands, for a page that comes later; undefined, until all lines have told. */
  get now(): Snapshot | undefined {
    const snapshots = this.#followed.map((one) => one.snapshot).filter((one) => one !== undefined);
    const [first] = snapshots;
    if (!first || snapshots.length < this.#followed.length) return undefined;
    return {
      time: first.time,
      last_seq: Math.min(...this.#followed.map(({ line }) => line.lastSeq ?? 0)),
      suppressions: snapshots.reduce((sum, one) => sum + one.suppressions, 0),
      flood: snapshots.some((one) => one.flood),
      alarms: this.#followed.flatMap((one) => [...one.alarms.values()]),
    };
  }

  /** Follows what is wanted, unless that is done already. Whether it has begun anew. */
  want(reach: string[], wanted: Wanted | null): boolean {
    const needed = parts(reach, wanted);
    const asked = JSON.stringify(needed);
    if (this.isOpen && asked === this.#asked) return false;
    const known = JSON.stringify(reach) === this.#reach ? this.#followed.map(({ line }) => line.lastSeq) : [];
    this.close();
    [this.#asked, this.#reach] = [asked, JSON.stringify(reach)];
    this.#followed = needed.map((part, index) => this.#follow(part, known[index]));
    this.open();
    return true;
  }

  /** Begins anew; what was missed comes first. `seen`: up to where whoever has come knows the journal; 0: not at all. */
  open(seen = 0): void {
    for (const { line } of this.#followed) {
      if (seen > 0) line.lastSeq = Math.min(line.lastSeq ?? seen, seen);
      line.open();
    }
  }

  /** Follows nothing more, and forgets what would have to be caught up. */
  close(): void {
    for (const { line } of this.#followed) line.close();
    this.#followed = [];
  }

  #follow(part: Part, lastSeq: number | undefined): Followed {
    const listener = this.#listener;
    let asked = part;
    const line = new Line((after) => lineAddress(this.#base, asked, after), {
      snapshot: (snapshot) => {
        followed.snapshot = snapshot;
        followed.alarms = new Map(snapshot.alarms.map((alarm) => [alarm.id, alarm]));
        this.#heard(snapshot.time);
        const now = this.now;
        if (now) listener.snapshot(now);
      },
      alarm: (alarm) => {
        if (alarm.state === 'normal') followed.alarms.delete(alarm.id);
        else followed.alarms.set(alarm.id, alarm);
        listener.alarm(alarm);
      },
      event: (event) => listener.event(event),
      reading: (reading) => listener.reading(reading),
      node: (node) => listener.node(node),
      beat: (time) => this.#heard(time),
      refused: (status) => {
        if (status === 401) listener.refused();
        // There is no such place any more: that must cost nobody the alarms of all others.
        if (status !== 422) return;
        if (part.readingsOnly) asked = { ...part, zone: null };
        else this.#leaveOut(followed);
      },
    });
    line.lastSeq = lastSeq;
    const followed: Followed = { line, snapshot: undefined, alarms: new Map() };
    return followed;
  }

  /** A building that was renamed or removed is followed no more, unless it is the only one: then there is nothing to show. */
  #leaveOut(gone: Followed): void {
    if (this.#followed.length === 1) return;
    gone.line.close();
    this.#followed = this.#followed.filter((one) => one !== gone);
    const now = this.now;
    if (now) this.#listener.snapshot(now);
  }

  #heard(time: string): void {
    const silentMs = performance.now() - Math.min(...this.#followed.map(({ line }) => line.heardAt));
    if (silentMs < ALIVE_MS) this.#listener.heard(time, Date.now() - silentMs);
  }
}
