// The newest entries of the journal, as the feed tells them.
import type { Event } from '../api/types';

/** So many are kept; whoever wants more asks the journal. */
export const KEPT = 500;

export class Journal {
  /** The newest first. */
  newest: Event[] = $state.raw([]);
  /** The last entry that is known here and stored there; undefined, before the server has said how things stand. */
  storedSeq: number | undefined;

  /** The server has stored so many. It may have been put back to what it was: then later ones were those of another past. */
  stands(lastSeq: number): void {
    if (lastSeq < (this.storedSeq ?? 0)) this.newest = this.newest.filter((event) => event.seq <= lastSeq);
    this.storedSeq = lastSeq;
  }

  /** An entry comes a second time once it is stored. */
  add(...events: Event[]): void {
    const all = new Map([...this.newest, ...events].map((event) => [event.seq, event]));
    this.newest = [...all.values()].sort((a, b) => b.seq - a.seq).slice(0, KEPT);
    if (this.storedSeq === undefined) return;
    for (const { seq, committed } of events) if (committed !== null) this.storedSeq = Math.max(this.storedSeq, seq);
  }
}

export const journal = new Journal();
