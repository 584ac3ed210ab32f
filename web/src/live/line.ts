// One connection that follows the server, and is there again after whatever has happened to it.
import type { Alarm, Event, Node } from '../api/types';
import type { Reading, Snapshot } from './messages';
import { readEvents, type Told } from './stream';

/** A server that has said nothing for so long is asked anew: it tells its time every 2 s. */
const SILENT_MS = 6_000;
const CHECK_EVERY_MS = 1_000;
/** Between two tries to reach the server: at first, and at most. */
const RETRY_MS = 500;
const RETRY_MAX_MS = 3_000;

export interface Ears {
  /** `since`: the entry of the journal after which some may have been missed. */
  snapshot(snapshot: Snapshot, since: number | undefined): void;
  alarm(alarm: Alarm): void;
  event(event: Event): void;
  reading(reading: Reading): void;
  node(node: Node): void;
  beat(time: string): void;
  /** The server does not want to tell, and why; it is asked again all the same, until the line is closed. */
  refused(status: number): void;
}

export class Line {
  /** The last entry of the journal before which nothing is missing. */
  lastSeq: number | undefined;
  /** When the server was last heard here, by a clock that only goes forward. */
  heardAt = -Infinity;
  readonly #address: () => URL;
  readonly #ears: Ears;
  #stop: AbortController | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #saidAt = 0;
  #failures = 0;

  constructor(address: () => URL, ears: Ears) {
    this.#address = address;
    this.#ears = ears;
  }

  /** Begins anew, with how everything stands. What was missed of the journal is not asked for here: after a night it would keep the
   * alarms waiting. */
  open(): void {
    this.close();
    const stop = new AbortController();
    this.#stop = stop;
    this.#saidAt = performance.now();
    this.#watch = setInterval(() => this.#check(), CHECK_EVERY_MS);
    void this.#follow(stop.signal)
      .catch(() => {})
      .then(() => !stop.signal.aborted && this.#again());
  }

  close(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const answer = await fetch(this.#address(), { signal, cache: 'no-store', credentials: 'same-origin' });
    if (signal.aborted) return;
    if (!answer.ok || !answer.body) return this.#ears.refused(answer.status);
    await readEvents(answer.body, (told) => {
      if (signal.aborted) return;
      this.#saidAt = performance.now();
      this.#failures = 0;
      for (const one of told) if (!signal.aborted) this.#hear(one);
    });
  }

  #hear({ kind, data, id }: Told): void {
    const value: unknown = JSON.parse(data);
    switch (kind) {
      case 'reading':
        return this.#ears.reading(value as Reading);
      case 'node':
        return this.#ears.node(value as Node);
      case 'heartbeat':
        this.heardAt = this.#saidAt;
        return this.#ears.beat((value as { time: string }).time);
      case 'snapshot': {
        const since = this.lastSeq;
        // How everything stands, up to this entry: less than was known, if the server was put back to what it was.
        this.lastSeq = (value as Snapshot).last_seq;
        this.heardAt = this.#saidAt;
        return this.#ears.snapshot(value as Snapshot, since);
      }
      case 'alarm':
        this.#ears.alarm(value as Alarm);
        break;
      case 'event':
        this.#ears.event(value as Event);
    }
    // Entries that are not stored yet have no number here, and are told again.
    if (id !== undefined) this.lastSeq = Math.max(id, this.lastSeq ?? 0);
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
