// Where pages say what they want, and are told what happens.
import { together } from './ask';
import { Feed, type Listener } from './feed';
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
  #feed: Feed | undefined;
  /** Whether the server has told all readings and nodes. */
  #isCurrent = false;

  /** What a page says. */
  hear(door: Door, message: ToWorker): void {
    const page = this.#pages.get(door);
    switch (message.say) {
      case 'here': {
        const { base, wanted } = message;
        this.#pages.set(door, { outbox: page?.outbox ?? new Outbox(door), wanted, seenAt: Date.now() });
        this.#feed ??= new Feed(base, this.#listener());
        // Whoever comes, or begins to want readings, does not know what was said before: all is told anew, to everybody.
        this.#follow(!page || (wanted.length > 0 && JSON.stringify(wanted) !== JSON.stringify(page.wanted)));
        break;
      }
      case 'taken':
        page?.outbox.taken();
        break;
      case 'behind':
        // Where the server has not told all yet, it says so when it has.
        if (this.#isCurrent) page?.outbox.current();
        break;
      case 'retry':
        this.#feed?.open();
        break;
      case 'bye':
        this.#pages.delete(door);
        this.#follow(false);
    }
  }

  /** Tells every page what it can take. */
  passOn(): void {
    for (const page of this.#pages.values()) page.outbox.passOn();
  }

  /** Follows what all pages want together. */
  #follow(isAnew: boolean): void {
    for (const [door, page] of this.#pages) if (Date.now() - page.seenAt > GONE_MS) this.#pages.delete(door);
    if (this.#pages.size === 0) this.#feed?.close();
    else if (!this.#feed?.want(together([...this.#pages.values()].flatMap((page) => page.wanted))) && isAnew) {
      this.#feed?.open();
    }
  }

  #listener(): Listener {
    const outboxes = () => [...this.#pages.values()].map((page) => page.outbox);
    return {
      snapshot: (snapshot, since) => {
        this.#isCurrent = false;
        outboxes().forEach((outbox) => outbox.snapshot(snapshot, since));
      },
      alarm: (alarm) => outboxes().forEach((outbox) => outbox.alarm(alarm)),
      event: (event) => outboxes().forEach((outbox) => outbox.event(event)),
      // Thousands a second.
      reading: (reading) => {
        for (const page of this.#pages.values()) if (page.wanted.length > 0) page.outbox.reading(reading);
      },
      node: (node) => outboxes().forEach((outbox) => outbox.node(node)),
      current: () => {
        this.#isCurrent = true;
        outboxes().forEach((outbox) => outbox.current());
      },
      heard: (time, at, flood) => this.#tell({ say: 'heard', time, at, flood }),
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
