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
  /** Whoever is told now is another one than the one that something was read for. */
  #turn = 0;

  constructor(read: (question: Question) => Promise<Event[]>, take: (events: Event[]) => void) {
    this.#read = read;
    this.#take = take;
  }

  /** Entries after this one are missing, up to the last. */
  after(from: number, last: number): void {
    if (last <= from) return;
    this.#from = Math.min(from, this.#from ?? from);
    this.#last = last;
    void this.#go();
  }

  forget(): void {
    this.#from = undefined;
    this.#turn += 1;
  }

  async #go(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#from !== undefined) {
      const [from, turn] = [this.#from, this.#turn];
      this.#from = undefined;
      try {
        const events = await this.#read(this.#last - from > KEPT ? { last: KEPT } : { after: from, limit: KEPT });
        if (turn === this.#turn) this.#take(events);
      } catch (thrown) {
        const { status } = problemOf(thrown);
        if (turn !== this.#turn || status === 401 || status === 403) continue;
        this.#from = Math.min(from, this.#from ?? from);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#isReading = false;
  }
}
