// What one page has still to be told. Changes wait until the page has taken the last ones, so that nothing piles up before a page
// that is slow, hidden or frozen: of each sensor and node it gets what is newest. Alarms and entries of the journal never wait.
import type { Alarm, Event, Node } from '../api/types';
import type { Reading, Snapshot, ToPage } from './messages';

/** Alarms that come at once are told at once, and not one by one: a page shows all anew after each message. */
const TOGETHER_MS = 50;
/** So many changes are told at a time: few enough to be taken between two frames. */
const PORTION = 600;

export class Outbox {
  readonly #send: (message: ToPage) => void;
  readonly #readings = new Map<string, Reading>();
  readonly #nodes = new Map<string, Node>();
  #alarms: Alarm[] = [];
  #events: Event[] = [];
  #isTaking = false;
  #due: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (message: ToPage) => void) {
    this.#send = send;
  }

  snapshot(snapshot: Snapshot, since: number | undefined): void {
    this.#tellNews();
    this.#send({ say: 'snapshot', snapshot, since });
  }

  alarm(alarm: Alarm): void {
    this.#alarms.push(alarm);
    this.#newsSoon();
  }

  event(event: Event): void {
    this.#events.push(event);
    this.#newsSoon();
  }

  reading(reading: Reading): void {
    this.#readings.set(reading.ip_id, reading);
  }

  node(node: Node): void {
    this.#nodes.set(node.node, node);
  }

  /** Tells of some changes, if the page can take them. */
  passOn(): void {
    if (this.#isTaking || this.#readings.size + this.#nodes.size === 0) return;
    this.#isTaking = true;
    this.#send({ say: 'changes', readings: takeFrom(this.#readings), nodes: takeFrom(this.#nodes) });
  }

  /** The page can take more. */
  taken(): void {
    this.#isTaking = false;
  }

  /** What was missed is told anew. */
  forget(): void {
    clearTimeout(this.#due);
    this.#due = undefined;
    this.#readings.clear();
    this.#nodes.clear();
    this.#alarms = [];
    this.#events = [];
  }

  /** The first at once, so that an alarm is shown without delay. */
  #newsSoon(): void {
    if (this.#due !== undefined) return;
    this.#tellNews();
    this.#due = setTimeout(() => {
      this.#due = undefined;
      if (this.#alarms.length + this.#events.length > 0) this.#newsSoon();
    }, TOGETHER_MS);
  }

  #tellNews(): void {
    if (this.#alarms.length > 0) this.#send({ say: 'alarms', alarms: this.#alarms });
    if (this.#events.length > 0) this.#send({ say: 'events', events: this.#events });
    this.#alarms = [];
    this.#events = [];
  }
}

function takeFrom<T>(waiting: Map<string, T>): T[] {
  const taken: T[] = [];
  for (const [key, one] of waiting) {
    if (taken.length === PORTION) break;
    waiting.delete(key);
    taken.push(one);
  }
  return taken;
}
