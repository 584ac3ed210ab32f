// The newest entries of the journal, as the feed tells them.
import type { Event } from '../api/types';

/** So many are kept; whoever wants more asks the journal. */
const KEPT = 500;

class Journal {
  /** The newest first. */
  newest: Event[] = $state.raw([]);
  /** The number of the last entry that the server has. */
  lastSeq = $state(0);

  known(lastSeq: number): void {
    this.lastSeq = Math.max(this.lastSeq, lastSeq);
  }

  add(event: Event): void {
    this.known(event.seq);
    // An entry comes a second time once it is stored.
    const others = this.newest.filter((other) => other.seq !== event.seq);
    this.newest = [event, ...others].sort((a, b) => b.seq - a.seq).slice(0, KEPT);
  }
}

export const journal = new Journal();
