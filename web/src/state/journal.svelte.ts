// The newest entries of the journal, as the feed tells them.
import type { Event } from '../api/types';

/** So many are kept; whoever wants more asks the journal. */
export const KEPT = 500;

class Journal {
  /** The newest first. */
  newest: Event[] = $state.raw([]);
  /** The number of the last entry that the server has. */
  lastSeq = $state(0);

  known(lastSeq: number): void {
    this.lastSeq = Math.max(this.lastSeq, lastSeq);
  }

  /** An entry comes a second time once it is stored. */
  add(...events: Event[]): void {
    const all = new Map([...this.newest, ...events].map((event) => [event.seq, event]));
    this.newest = [...all.values()].sort((a, b) => b.seq - a.seq).slice(0, KEPT);
    this.known(this.newest[0]?.seq ?? 0);
  }
}

export const journal = new Journal();
