// What a page asks the server for when it is shown, and again when it has changed.
import { problemOf, type Problem } from '../api/problem';

export class Loaded<T> {
  value: T | undefined = $state.raw();
  problem: Problem | undefined = $state.raw();
  readonly #ask: () => Promise<T>;
  #asked = 0;
  #isAsking = false;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
    void this.load();
  }

  /** Asks. An answer that comes after that of a later question is of no interest. */
  async load(): Promise<void> {
    const asked = ++this.#asked;
    this.#isAsking = true;
    try {
      const value = await this.#ask();
      if (asked !== this.#asked) return;
      this.value = value;
      this.problem = undefined;
    } catch (thrown) {
      if (asked === this.#asked) this.problem = problemOf(thrown);
    } finally {
      if (asked === this.#asked) this.#isAsking = false;
    }
  }

  /** Asks every so often, while the page can be seen, until the function that is given back is called. */
  every(ms: number): () => void {
    const timer = setInterval(() => {
      // An answer that takes longer than this would never be shown, if each were overtaken by the next question.
      if (!document.hidden && !this.#isAsking) void this.load();
    }, ms);
    return () => clearInterval(timer);
  }
}
