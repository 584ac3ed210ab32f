// The one line over which a browser follows the server, and which is there again after whatever has happened to it.
import type { Alarm, Event, Node } from '../api/types';
import { addressOf } from './ask';
import type { Reading, Snapshot } from './messages';
import { readEvents, type Told } from './stream';

/** A server that has said nothing for so long is asked anew: it tells its time every 2 s. */
const SILENT_MS = 6_000;
const CHECK_EVERY_MS = 1_000;
/** Between two tries to reach the server: at first, and at most. */
const RETRY_MS = 500;
const RETRY_MAX_MS = 3_000;

/** What each sign of life says, and each snapshot. */
type Sign = Pick<Snapshot, 'time' | 'flood'>;

export interface Listener {
  /** `since`: the entry of the journal after which some may have been missed. */
  snapshot(snapshot: Snapshot, since: number | undefined): void;
  alarm(alarm: Alarm): void;
  event(event: Event): void;
  reading(reading: Reading): void;
  node(node: Node): void;
  /** Since the snapshot, all readings and nodes have been told. */
  current(): void;
  /** `at`: when that was heard, by this machine's clock. `flood`: whether more alarms come than a person can follow. */
  heard(time: string, at: number, flood: boolean): void;
  /** The server no longer knows who asks. */
  refused(): void;
}

export class Feed {
  readonly #base: string;
  readonly #listener: Listener;
  #address = '';
  /** What is asked for where that names a place which is none any more. */
  #instead: string | undefined;
  #stop: AbortController | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #saidAt = 0;
  #failures = 0;
  /** The last entry of the journal before which nothing is missing. */
  #lastSeq: number | undefined;

  /** `base`: the address of the dashboard, which the API is beside. */
  constructor(base: string, listener: Listener) {
    this.#base = base;
    this.#listener = listener;
  }

  /** Follows, with the readings of these places, unless that is done already. Whether it has begun anew. */
  want(zones: string[] | null | undefined): boolean {
    const address = addressOf(this.#base, zones);
    if (this.#stop && address === this.#address) return false;
    [this.#address, this.#instead] = [address, undefined];
    this.open();
    return true;
  }

  /** Begins anew, with how everything stands. What was missed of the journal is not asked for here: after a night it would keep the
   * alarms waiting. */
  open(): void {
    this.close();
    const { signal } = (this.#stop = new AbortController());
    this.#saidAt = performance.now();
    this.#watch = setInterval(() => this.#check(), CHECK_EVERY_MS);
    void this.#follow(signal)
      .catch(() => {})
      .then(() => !signal.aborted && this.#again());
  }

  close(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const address = this.#instead ?? this.#address;
    const answer = await fetch(address, { signal, cache: 'no-store', credentials: 'same-origin' });
    if (signal.aborted) return;
    if (!answer.ok || !answer.body) return this.#refused(answer.status);
    await readEvents(answer.body, (told) => {
      if (signal.aborted) return;
      this.#saidAt = performance.now();
      this.#failures = 0;
      for (const one of told) if (!signal.aborted) this.#hear(one);
    });
  }

  #refused(status: number): void {
    if (status === 401) this.#listener.refused();
    // There is no such place any more: that must cost nobody the alarms of all others.
    if (status === 422) this.#instead = addressOf(this.#base, null);
  }

  #hear({ kind, data, id }: Told): void {
    const value: unknown = JSON.parse(data);
    switch (kind) {
      case 'reading':
        return this.#listener.reading(value as Reading);
      case 'node':
        return this.#listener.node(value as Node);
      case 'current':
        return this.#listener.current();
      case 'heartbeat':
        return this.#heard(value as Sign);
      case 'snapshot': {
        const since = this.#lastSeq;
        // How everything stands, up to this entry: less than was known, if the server was put back to what it was.
        this.#lastSeq = (value as Snapshot).last_seq;
        this.#listener.snapshot(value as Snapshot, since);
        return this.#heard(value as Snapshot);
      }
      case 'alarm':
        this.#listener.alarm(value as Alarm);
        break;
      case 'event':
        this.#listener.event(value as Event);
    }
    // Entries that are not stored yet have no number here, and are told again.
    if (id !== undefined) this.#lastSeq = Math.max(id, this.#lastSeq ?? 0);
  }

  #heard({ time, flood }: Sign): void {
    this.#listener.heard(time, Date.now() - (performance.now() - this.#saidAt), flood);
  }

  #check(): void {
    // A server that stands still leaves the connection as it is.
    if (performance.now() - this.#saidAt > SILENT_MS) this.open();
  }

  #again(): void {
    this.close();
    const wait = Math.min(RETRY_MS * 2 ** this.#failures, RETRY_MAX_MS);
    this.#failures += 1;
    this.#retry = setTimeout(() => this.open(), wait);
  }
}
