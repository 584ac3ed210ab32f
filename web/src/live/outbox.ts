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
  /** How many changes there are to tell before the page knows all that the server had told by a certain moment. */
  #before: { readings: number; nodes: number } | undefined;
  #due: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (message: ToPage) => void) {
    this.#send = send;
  }

  snapshot(snapshot: Snapshot, since: number | undefined): void {
    this.#before = undefined;
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

  /** The server has told all. The page knows it once what waits now is told, whatever comes after that. */
  current(): void {
    this.#before = { readings: this.#readings.size, nodes: this.#nodes.size };
    this.#tellCurrent();
  }

  /** Tells of some changes, if the page can take them. */
  passOn(): void {
    if (this.#isTaking || this.#readings.size + this.#nodes.size === 0) return;
    this.#isTaking = true;
    const [readings, nodes] = [takeFrom(this.#readings), takeFrom(this.#nodes)];
    this.#send({ say: 'changes', readings, nodes });
    if (!this.#before) return;
    // What has waited longest goes first, also where it has changed meanwhile.
    this.#before.readings -= readings.length;
    this.#before.nodes -= nodes.length;
    this.#tellCurrent();
  }

  /** The page can take more. */
  taken(): void {
    this.#isTaking = false;
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

  #tellCurrent(): void {
    if (!this.#before || this.#before.readings > 0 || this.#before.nodes > 0) return;
    this.#before = undefined;
    this.#send({ say: 'current' });
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
