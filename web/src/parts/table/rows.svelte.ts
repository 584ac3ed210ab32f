// The keys of the rows that a table shows, in order.
import { untrack } from 'svelte';
import { paced } from '../../state/paced';
import type { Choice } from './choice';
import type { Shape, Source } from './columns';
import { isLive, ordered } from './order';
import { inPieces } from './pieces';

/** While values change, rows change places this often at most: nobody could read them otherwise. */
const AGAIN_EVERY_MS = 1_000;

export class Rows<T> {
  keys: string[] = $state.raw([]);
  /** Whether the keys are those that were asked for. */
  isReady = $state(false);
  readonly #source: Source<T>;
  readonly #asked: () => { choice: Choice; shape: Shape<T> };
  #work = 0;
  #isWorking = false;
  #isStale = false;

  /** To be made while a component is: it follows what it reads. */
  constructor(source: Source<T>, asked: () => { choice: Choice; shape: Shape<T> }) {
    this.#source = source;
    this.#asked = asked;
    const again = paced(AGAIN_EVERY_MS, () => untrack(() => this.#again()));
    $effect(() => {
      asked();
      untrack(() => this.#begin());
    });
    $effect(() => {
      void source.edition;
      untrack(() => this.#again());
    });
    $effect(() => {
      const { choice, shape } = asked();
      if (!isLive(choice, shape)) return;
      void source.version;
      again();
    });
    $effect(() => () => {
      this.#work += 1;
      again.end();
    });
  }

  /** Something else was asked for: what is under way is of no use. */
  #begin(): void {
    const work = ++this.#work;
    const { choice, shape } = this.#asked();
    this.#isWorking = true;
    this.#isStale = false;
    const isStopped = () => work !== this.#work;
    inPieces(ordered(this.#source.now(), choice, shape), isStopped, (keys) => {
      this.#isWorking = false;
      this.keys = keys;
      this.isReady = true;
      if (this.#isStale) this.#begin();
    });
  }

  /** The same is asked for, and the rows are others: what is under way is shown first, or nothing might ever be. */
  #again(): void {
    if (this.#isWorking) this.#isStale = true;
    else this.#begin();
  }
}
