// What a page has missed of the journal: asked for when it knows how everything stands, and never more than a page keeps.
import { problemOf } from '../api/problem';
import type { Event } from '../api/types';
import { KEPT } from '../state/journal.svelte';

const RETRY_MS = 3_000;

/** Those after an entry, or the last ones. */
export type Question = { after: number; limit: number } | { last: number };

export class Missed {
  readonly #read: (question: Question) => Promise<Event[]>;
  readonly #take: (events: Event[]) => void;
  #from: number | undefined;
  #last = 0;
  #isReading = false;

  constructor(read: (question: Question) => Promise<Event[]>, take: (events: Event[]) => void) {
    this.#read = read;
    this.#take = take;
  }

  /** Entries after this one are missing, up to the last. */
  after(from: number, last: number): void {
    if (last > from) this.#from = Math.min(from, this.#from ?? from);
    this.#last = last;
    void this.#go();
  }

  async #go(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#from !== undefined) {
      const from = this.#from;
      this.#from = undefined;
      try {
        this.#take(await this.#read(this.#last - from > KEPT ? { last: KEPT } : { after: from, limit: KEPT }));
      } catch (thrown) {
        this.#from = Math.min(from, this.#from ?? from);
        // Whoever is out is told how everything stands when they are in again, and then the gap is read.
        if ([401, 403].includes(problemOf(thrown).status)) break;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#isReading = false;
  }
}
