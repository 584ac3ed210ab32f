// Where pages say what they want, and are told what happens.
import { Feed, together, type Listener } from './feed';
import type { ToPage, ToWorker, Wanted } from './messages';
import { Outbox } from './outbox';

/** A page that has said nothing for so long is gone. Browsers let the clocks of hidden pages tick once a minute. */
const GONE_MS = 200_000;

export type Door = (message: ToPage) => void;

interface Page {
  outbox: Outbox;
  wanted: Wanted[];
  seenAt: number;
}

export class Desk {
  readonly #pages = new Map<Door, Page>();
  #reach: string[] = [];
  #feed: Feed | undefined;

  /** What a page says. */
  hear(door: Door, message: ToWorker): void {
    const page = this.#pages.get(door);
    switch (message.say) {
      case 'here':
        this.#pages.set(door, {
          outbox: page?.outbox ?? new Outbox(door),
          wanted: message.wanted,
          seenAt: Date.now(),
        });
        this.#reach = message.reach;
        this.#feed ??= new Feed(message.base, this.#listener());
        if (page) this.#goOn(page.wanted, message.wanted);
        else this.#welcome(door);
        break;
      case 'taken':
        page?.outbox.taken();
        break;
      case 'retry':
        this.#feed?.open();
        break;
      case 'entered':
        this.#feed?.close();
        for (const [other, { outbox }] of this.#pages) {
          outbox.forget();
          if (other !== door) other({ say: 'entered' });
        }
        this.#follow();
        break;
      case 'bye':
        this.#pages.delete(door);
        this.#follow();
    }
  }

  /** Tells every page what it can take. */
  passOn(): void {
    for (const page of this.#pages.values()) page.outbox.passOn();
  }

  /** A page that comes later, or has slept, is told how everything stands, and finds out by itself what it has missed: no other page
   * waits for that. */
  #welcome(door: Door): void {
    if (this.#follow()) return;
    const now = this.#feed?.now;
    if (now) door({ say: 'snapshot', snapshot: now, since: undefined });
    if (this.#feed?.unseen.length) door({ say: 'unseen', zones: this.#feed.unseen });
  }

  /** Whoever begins to want readings does not know what was said meanwhile, also where others have wanted the same all the time. */
  #goOn(before: Wanted[], now: Wanted[]): void {
    const hasBegun = this.#follow();
    if (!hasBegun && now.length > 0 && JSON.stringify(now) !== JSON.stringify(before)) this.#feed?.open();
  }

  /** Follows what all pages want together. Whether that has begun anew. */
  #follow(): boolean {
    for (const [door, page] of this.#pages) if (Date.now() - page.seenAt > GONE_MS) this.#pages.delete(door);
    const wanted = together([...this.#pages.values()].flatMap((page) => page.wanted));
    if (this.#pages.size > 0) return this.#feed?.want(this.#reach, wanted) ?? false;
    this.#feed?.close();
    return false;
  }

  #listener(): Listener {
    const outboxes = () => [...this.#pages.values()].map((page) => page.outbox);
    return {
      snapshot: (snapshot, since) => outboxes().forEach((outbox) => outbox.snapshot(snapshot, since)),
      alarm: (alarm) => outboxes().forEach((outbox) => outbox.alarm(alarm)),
      event: (event) => outboxes().forEach((outbox) => outbox.event(event)),
      // Thousands a second.
      reading: (reading) => {
        for (const page of this.#pages.values()) if (page.wanted.length > 0) page.outbox.reading(reading);
      },
      node: (node) => outboxes().forEach((outbox) => outbox.node(node)),
      heard: (time, at) => this.#tell({ say: 'heard', time, at }),
      unseen: (zones) => this.#tell({ say: 'unseen', zones }),
      refused: () => {
        this.#feed?.close();
        this.#tell({ say: 'refused' });
      },
    };
  }

  #tell(message: ToPage): void {
    for (const door of this.#pages.keys()) door(message);
  }
}
