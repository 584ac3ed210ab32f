// One connection that follows the server, for all pages of a browser.
import type { Alarm, Event, Node } from '../api/types';
import type { Reading, Snapshot, ToPage, Wanted } from './messages';

/** Readings and nodes are passed on this often: smooth for the eye, and a page has time for other things. */
const PASS_ON_EVERY_MS = 250;
/** A server that has said nothing for so long is asked anew: it tells its time every 2 s. */
const SILENT_MS = 10_000;
const CHECK_EVERY_MS = 1_000;
/** Between two tries to reach the server. */
const RETRY_MS = 1_000;

/** Which readings to ask for: those of a place, where all who follow want the same, else all; null: none. */
export function together(wanted: Wanted[]): Wanted | null {
  const [first, ...others] = wanted;
  if (!first) return null;
  return others.every((other) => other.zone === first.zone) ? first : { zone: null };
}

/** The address of the feed, without what has to be caught up. */
export function feedAddress(base: string, wanted: Wanted | null): URL {
  const url = new URL('api/v1/live', base);
  url.searchParams.set('kind', wanted ? 'alarm,event,node,reading' : 'alarm,event,node');
  if (wanted?.zone) {
    url.searchParams.set('zone', wanted.zone);
    url.searchParams.set('everywhere', 'alarm,event,node');
  }
  return url;
}

export class Feed {
  readonly #base: string;
  readonly #tell: (message: ToPage) => void;
  #source: EventSource | undefined;
  #wanted: Wanted | null = null;
  #lastSeq: number | undefined;
  #heardAt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #readings = new Map<string, Reading>();
  #nodes = new Map<string, Node>();

  constructor(
    /** The address of the dashboard, which the API is beside. */
    base: string,
    tell: (message: ToPage) => void,
  ) {
    this.#base = base;
    this.#tell = tell;
    setInterval(() => this.#passOn(), PASS_ON_EVERY_MS);
    setInterval(() => this.#check(), CHECK_EVERY_MS);
  }

  /** Whether anybody is told. */
  get isOpen(): boolean {
    return this.#source !== undefined || this.#retry !== undefined;
  }

  /** Follows, with the readings that are wanted, unless that is done already. */
  want(wanted: Wanted | null): void {
    const isSame = wanted?.zone === this.#wanted?.zone && (wanted === null) === (this.#wanted === null);
    this.#wanted = wanted;
    if (!isSame || !this.isOpen) this.open();
  }

  /** Begins anew; what was missed comes first. */
  open(): void {
    this.close();
    const url = feedAddress(this.#base, this.#wanted);
    if (this.#lastSeq !== undefined) url.searchParams.set('after', String(this.#lastSeq));
    const source = new EventSource(url);
    this.#source = source;
    this.#heardAt = Date.now();
    const on = <T>(kind: string, tell: (value: T) => void) =>
      source.addEventListener(kind, (message) => {
        this.#heardAt = Date.now();
        if (message.lastEventId) this.#lastSeq = Number(message.lastEventId);
        tell(JSON.parse(message.data as string) as T);
      });
    on<Snapshot>('snapshot', (snapshot) => {
      this.#lastSeq = snapshot.last_seq;
      this.#tell({ say: 'heard', time: snapshot.time });
      this.#tell({ say: 'snapshot', snapshot });
    });
    on<Alarm>('alarm', (alarm) => this.#tell({ say: 'alarm', alarm }));
    on<Event>('event', (event) => this.#tell({ say: 'event', event }));
    on<Reading>('reading', (reading) => this.#readings.set(reading.ip_id, reading));
    on<Node>('node', (node) => this.#nodes.set(node.node, node));
    on<{ time: string }>('heartbeat', ({ time }) => this.#tell({ say: 'heard', time }));
    source.onerror = () => void this.#fail(source);
  }

  close(): void {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#readings.clear();
    this.#nodes.clear();
  }

  /** Forgets what has to be caught up: somebody else looks now. */
  forget(): void {
    this.close();
    this.#lastSeq = undefined;
  }

  /** The browser would try again by itself, with no word of why. */
  async #fail(source: EventSource): Promise<void> {
    if (source !== this.#source) return;
    this.close();
    this.#retry = setTimeout(() => this.open(), RETRY_MS);
    const session = await fetch(new URL('api/v1/session', this.#base), { cache: 'no-store' }).catch(() => undefined);
    if (session?.status === 401) {
      this.forget();
      this.#tell({ say: 'refused' });
    }
  }

  #check(): void {
    if (this.#source && Date.now() - this.#heardAt > SILENT_MS) this.open();
  }

  #passOn(): void {
    if (this.#readings.size === 0 && this.#nodes.size === 0) return;
    this.#tell({ say: 'changes', readings: [...this.#readings.values()], nodes: [...this.#nodes.values()] });
    this.#readings.clear();
    this.#nodes.clear();
  }
}
