// What there is many of: loaded in pages once it is wanted, and kept up to date by the feed from then on.
import { paced } from './paced';

/** More than these are not loaded into a page: a browser would have to keep, sort and search them all. */
export const MAX = 50_000;
/** Pages show what has changed this often. */
const TELL_EVERY_MS = 250;

export abstract class Collection<T> {
  /** Changes with every change, at most four times a second; what reads it is computed anew. */
  version = $state(0);
  /** Changes when something comes or goes, or has another name or place. */
  edition = $state(0);
  /** Whether all are there, or as many as a page takes. */
  complete = $state(false);
  truncated = $state(false);
  protected readonly all = new Map<string, T>();
  readonly #tell = paced(TELL_EVERY_MS, () => (this.version += 1));
  readonly #tellEdition = paced(TELL_EVERY_MS, () => (this.edition += 1));
  #loading: Promise<void> | undefined;
  #stop = new AbortController();
  /** What the feed has told while a list was on its way, and is newer than that. */
  #told: Set<string> | undefined;

  protected abstract pages(signal: AbortSignal): AsyncIterable<T[]>;
  protected abstract keyOf(one: T): string;
  /** What the list says, where the feed has said something newer. */
  protected abstract renamed(known: T, listed: T): T;
  /** Whether names, places and whatever else the feed does not tell are the same. */
  protected abstract isSameName(known: T, other: T): boolean;

  get(key: string): T | undefined {
    void this.version;
    return this.all.get(key);
  }

  get size(): number {
    void this.edition;
    return this.all.size;
  }

  values(): T[] {
    void this.version;
    void this.edition;
    return [...this.all.values()];
  }

  /** All of them as they are now, for whoever looks when it suits them. */
  now(): T[] {
    return [...this.all.values()];
  }

  /** Loads all of them, once; the feed keeps them up to date. */
  load(): Promise<void> {
    this.#loading ??= this.#loadAll().catch((thrown: unknown) => {
      this.#loading = undefined;
      throw thrown;
    });
    return this.#loading;
  }

  /** Loads all of them anew. What is shown meanwhile stays. */
  reload(): Promise<void> {
    this.#stop.abort();
    this.#loading = undefined;
    return this.load();
  }

  /** The same, if they were ever loaded. */
  async refresh(): Promise<void> {
    if (!this.#loading) return;
    // One that is under way may have read what has changed since.
    await this.#loading;
    await this.reload();
  }

  /** Forgets all: others are wanted. */
  clear(): void {
    this.#stop.abort();
    this.#loading = undefined;
    this.all.clear();
    this.complete = false;
    this.truncated = false;
    this.changed(true);
  }

  /** Puts one in that the feed or an answer has told. */
  protected put(key: string, one: T, isNew: boolean): void {
    this.all.set(key, one);
    this.#told?.add(key);
    this.changed(isNew);
  }

  protected changed(isEdition: boolean): void {
    this.#tell();
    if (isEdition) this.#tellEdition();
  }

  /** Whether lists are asked for at all: whoever shows a few alone has no use for others. */
  protected get isLoaded(): boolean {
    return this.#loading !== undefined;
  }

  async #loadAll(): Promise<void> {
    const stop = new AbortController();
    this.#stop = stop;
    const told = (this.#told = new Set());
    const seen = new Set<string>();
    let isCut = false;
    try {
      for await (const page of this.pages(stop.signal)) {
        if (stop.signal.aborted) return;
        for (const one of page) {
          seen.add(this.keyOf(one));
          this.#list(one, told);
        }
        isCut = this.all.size >= MAX;
        if (isCut) break;
      }
    } catch (thrown) {
      if (stop.signal.aborted) return;
      throw thrown;
    } finally {
      if (this.#told === told) this.#told = undefined;
    }
    if (!isCut) this.#drop((key) => !seen.has(key) && !told.has(key));
    this.truncated = isCut;
    this.complete = true;
  }

  #list(listed: T, told: ReadonlySet<string>): void {
    const key = this.keyOf(listed);
    const known = this.all.get(key);
    this.all.set(key, known && told.has(key) ? this.renamed(known, listed) : listed);
    this.changed(!known || !this.isSameName(known, listed));
  }

  #drop(isGone: (key: string) => boolean): void {
    for (const key of this.all.keys()) {
      if (!isGone(key)) continue;
      this.all.delete(key);
      this.changed(true);
    }
  }
}
