// Asks again and again how everything stands, for somebody who sees more buildings than there can be lines: the lists tell of all of
// them at once. Two questions are under way at a time, whatever there is, and the alarms wait for no other.
import type { Alarm, Event, Node, Sensor } from '../api/types';
import type { Part } from './feed';
import type { Ears } from './line';

/** Between an answer and the next question: for alarms, and for all else. */
const ALARMS_EVERY_MS = 500;
const REST_EVERY_MS = 2_000;
/** A server that has not answered for so long is asked anew. */
const ANSWER_MS = 6_000;
/** No page keeps more entries of the journal. */
const EVENTS_MAX = 500;
const PAGE = 1_000;

interface List<T> {
  items: T[];
  next: number | null;
}

class Refused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(String(status));
    this.status = status;
  }
}

export class Rounds {
  /** The last entry of the journal before which nothing is missing. */
  lastSeq: number | undefined;
  /** When that was asked for which has been answered, by a clock that only goes forward. */
  heardAt = -Infinity;
  readonly #base: string;
  readonly #part: () => Part;
  readonly #ears: Ears;
  #stop: AbortController | undefined;
  #time = '';
  #suppressions = 0;
  /** What was told last, as it was written: what is the same is not told again. */
  #alarms: string | undefined;
  #told = new Map<string, string>();

  constructor(base: string, part: () => Part, ears: Ears) {
    this.#base = base;
    this.#part = part;
    this.#ears = ears;
  }

  /** Begins anew, with how everything stands. */
  open(): void {
    this.close();
    const { signal } = (this.#stop = new AbortController());
    this.#alarms = undefined;
    this.#told.clear();
    void this.#again(ALARMS_EVERY_MS, signal, () => this.#askAlarms(signal));
    void this.#again(REST_EVERY_MS, signal, () => this.#askRest(signal));
  }

  close(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #again(everyMs: number, signal: AbortSignal, round: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        await round();
      } catch (thrown) {
        if (!signal.aborted && thrown instanceof Refused) this.#ears.refused(thrown.status);
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  async #askAlarms(signal: AbortSignal): Promise<void> {
    const askedAt = performance.now();
    const alarms = await this.#all<Alarm>('alarms', {}, signal);
    this.heardAt = askedAt;
    const written = JSON.stringify(alarms);
    if (written === this.#alarms) return this.#ears.beat(this.#time);
    this.#alarms = written;
    const [time, last_seq, suppressions] = [this.#time, this.lastSeq ?? 0, this.#suppressions];
    this.#ears.snapshot({ time, last_seq, suppressions, flood: false, alarms }, undefined);
  }

  async #askRest(signal: AbortSignal): Promise<void> {
    await this.#askEvents(signal);
    this.#suppressions = (await this.#all('suppressions', {}, signal)).length;
    for (const node of await this.#all<Node>('nodes', { limit: PAGE }, signal)) {
      if (this.#isNew(node.node, node)) this.#ears.node(node);
    }
    const { readings, zone } = this.#part();
    if (!readings) return;
    const query = { limit: PAGE, ...(zone !== null && { zone }) };
    for (const sensor of await this.#all<Sensor>('sensors', query, signal)) {
      if (this.#isNew(sensor.ip_id, sensor)) this.#ears.reading(sensor);
    }
  }

  /** What has come since the last time; of very much the newest. */
  async #askEvents(signal: AbortSignal): Promise<void> {
    const since = this.lastSeq;
    const fresh = since === undefined ? { last: 1 } : { after: since, limit: EVENTS_MAX };
    let { items } = await this.#ask<List<Event>>('events', fresh, signal);
    if (items.length === EVENTS_MAX) ({ items } = await this.#ask<List<Event>>('events', { last: EVENTS_MAX }, signal));
    if (since !== undefined) items.forEach((event) => this.#ears.event(event));
    this.lastSeq = items.at(-1)?.seq ?? since ?? 0;
  }

  #isNew(key: string, one: unknown): boolean {
    const written = JSON.stringify(one);
    if (this.#told.get(key) === written) return false;
    this.#told.set(key, written);
    return true;
  }

  async #all<T>(list: string, query: Record<string, unknown>, signal: AbortSignal): Promise<T[]> {
    const all: T[] = [];
    for (let after: number | null | undefined; after !== null;) {
      const page: List<T> = await this.#ask(list, { ...query, after }, signal);
      all.push(...page.items);
      after = page.next ?? null;
    }
    return all;
  }

  async #ask<T>(list: string, query: Record<string, unknown>, signal: AbortSignal): Promise<T> {
    const url = new URL(`api/v1/${list}`, this.#base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const answer = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      cache: 'no-store',
      credentials: 'same-origin',
    });
    if (!answer.ok) throw new Refused(answer.status);
    const date = answer.headers.get('Date');
    this.#time = new Date(date ?? Date.now()).toISOString();
    const value = (await answer.json()) as T;
    signal.throwIfAborted();
    return value;
  }
}
