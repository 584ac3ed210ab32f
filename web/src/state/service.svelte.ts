// What somebody has taken out of service: it is watched, and calls nobody, so that it must not look as if all was well there.
import { call } from '../api/call';
import { problemOf } from '../api/problem';
import type { Event, Suppression } from '../api/types';
import { paced } from './paced';
import { places } from './places.svelte';

/** The list is read this often at most, while many begin and end. */
const READ_EVERY_MS = 1_000;
/** A list that could not be read is asked for again so soon. */
const AGAIN_MS = 5_000;
/** The server keeps no more suppressions of all kinds. */
const LIMIT = 10_000;
/** What an entry of the journal about one begins with. */
const KIND = 'out_of_service';

export class Service {
  out: Suppression[] = $state.raw([]);
  /** Whether the list could not be read although something has changed: what is shown is how it was before. */
  old = $state(false);
  readonly #places: ReadonlySet<string> = $derived(
    new Set(this.out.filter((one) => one.source_kind === 'place').map((one) => one.source)),
  );
  readonly #read = paced(READ_EVERY_MS, () => void this.#ask());
  #asked = 0;

  /** Whether a place is out of service, or one that it lies in. */
  isOut(place: string): boolean {
    if (this.#places.size === 0) return false;
    return this.#places.has(place) || places.path(place).some(({ name }) => this.#places.has(name));
  }

  /** What is out of service, as people call it. */
  nameOf(one: Suppression): string {
    return one.source_kind === 'place' ? places.title(one.source) : (one.source_name ?? one.source);
  }

  /** So many suppressions of all kinds are in force, says the server. */
  stands(count: number): void {
    if (count > 0) this.#read();
    else this.forget();
  }

  /** What is told by entries of the journal alone. */
  happened({ kind, text }: Event): void {
    if (kind.startsWith('suppression.') && text.startsWith(KIND)) this.#read();
  }

  forget(): void {
    this.#asked += 1;
    this.out = [];
    this.old = false;
  }

  async #ask(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const { items } = await call('GET /api/v1/suppressions', { query: { limit: LIMIT } });
      // An answer that was overtaken by a later question is old.
      if (asked !== this.#asked) return;
      this.out = apart(items.filter((one) => one.kind === KIND));
      this.old = false;
    } catch (thrown) {
      // Who is nobody any more is not to be told. For all others the last list stays until another try: to show nobody out of service
      // would say that all are watched.
      if (problemOf(thrown).status === 401 || asked !== this.#asked) return;
      this.old = true;
      setTimeout(() => asked === this.#asked && this.#read(), AGAIN_MS);
    }
  }
}

/** Who was taken out of service twice is out of service, and no two. */
function apart(all: Suppression[]): Suppression[] {
  return [...new Map(all.map((one) => [`${one.source_kind} ${one.source}`, one])).values()];
}

export const service = new Service();
