// What of the journal has been read: a page at a time to older entries, and what is new at the top.
import { call } from '../../api/call';
import { problemOf, type Problem } from '../../api/problem';
import type { Event, Page_Event } from '../../api/types';
import { fits, questionOf, type Filter } from './filter';

const PAGE = 200;
const NEWER_MAX = 1_000;
/** A page that stays open keeps no more than these while new ones come; older ones are read again by whoever wants them. */
export const KEPT_MAX = 2_000;
/** Where nothing fits, the server looks for a second and says how far it came: so often is it asked on before somebody is. */
const LOOKS_MAX = 5;

export class Reader {
  /** The newest first. */
  entries: Event[] = $state.raw([]);
  /** Where older ones go on; null: there are none. */
  next: number | null | undefined = $state();
  isReading = $state(false);
  problem: Problem | undefined = $state.raw();
  readonly filter: Filter;
  readonly #end = new AbortController();

  constructor(filter: Filter) {
    this.filter = filter;
    void this.older();
  }

  /** Nobody wants it any more. */
  close(): void {
    this.#end.abort();
  }

  /** One page more, to older entries. */
  async older(): Promise<void> {
    if (this.isReading || this.next === null) return;
    this.isReading = true;
    this.problem = undefined;
    try {
      for (let look = 0, found = 0; look < LOOKS_MAX && found === 0 && this.next !== null; look += 1) {
        const { items, next } = await this.#page(this.next);
        found = items.length;
        this.next = next;
        this.#merge(items);
      }
    } catch (thrown) {
      if (!this.#end.signal.aborted) this.problem = problemOf(thrown);
    } finally {
      this.isReading = false;
    }
  }

  /** Asks for what came after the newest entry that is there. */
  async newer(): Promise<void> {
    const [newest] = this.entries;
    if (this.isReading || this.next === undefined) return;
    this.isReading = true;
    try {
      const query = { ...questionOf(this.filter), after: newest?.seq ?? this.next ?? 0, limit: NEWER_MAX };
      this.#merge((await call('GET /api/v1/events', { query, signal: this.#end.signal })).items);
    } catch (thrown) {
      if (!this.#end.signal.aborted) this.problem = problemOf(thrown);
    } finally {
      this.isReading = false;
    }
  }

  /** Those of the newest entries that fit and are not there yet. */
  fresh(newest: Event[]): Event[] {
    if (this.next === undefined) return [];
    const known = new Set(this.entries.map((entry) => entry.seq));
    // What is older than the page's own beginning comes when older ones are read.
    return newest.filter((entry) => !known.has(entry.seq) && entry.seq > (this.next ?? 0) && fits(entry, this.filter));
  }

  /** Takes in what is new, and what has become of entries that were not stored yet. */
  take(newest: Event[]): void {
    const known = new Set(this.entries.map((entry) => entry.seq));
    this.#merge([...this.fresh(newest), ...newest.filter((entry) => known.has(entry.seq))]);
    this.#cut();
  }

  #cut(): void {
    const last = this.entries[KEPT_MAX - 1];
    if (!last || this.entries.length === KEPT_MAX || this.isReading) return;
    this.entries = this.entries.slice(0, KEPT_MAX);
    this.next = last.seq;
  }

  #page(before: number | undefined): Promise<Page_Event> {
    const query = { ...questionOf(this.filter), last: PAGE, ...(before !== undefined && { before }) };
    return call('GET /api/v1/events', { query, signal: this.#end.signal });
  }

  #merge(others: Event[]): void {
    if (others.length === 0) return;
    const all = new Map([...this.entries, ...others].map((entry) => [entry.seq, entry]));
    this.entries = [...all.values()].sort((a, b) => b.seq - a.seq);
  }
}
