// Whether somebody would hear of an alarm here, and if not, what is to be heard in its place.
import type { Class } from '../api/types';
import { router } from '../router/router.svelte';
import { alarms } from './alarms.svelte';
import { connection } from './connection.svelte';
import { session } from './session.svelte';

/** A server that starts anew is there again sooner, and is no reason to call somebody. */
export const CALL_AFTER_MS = 10_000;

/** What is to be heard: what is signalled, or that nobody would be told. */
export type Signal = Class | 'unwatched';

class Watch {
  #isLost = $state(false);
  #isSilenced = $state(false);
  readonly #others = 'BroadcastChannel' in window ? new BroadcastChannel('poe-silence') : undefined;

  /** Why no alarm would be heard of here; undefined: it would be. */
  readonly why: 'lost' | 'ended' | undefined = $derived.by(() => {
    if (session.stage === 'in') return this.#isLost ? 'lost' : undefined;
    return session.stage === 'again' ? 'ended' : undefined;
  });

  /** Whether that is to be heard, too: a session that ends while all is quiet only says so to whoever comes back to it. To a wall nobody
   * comes back, and its session ends after a week as every other. */
  readonly calls: boolean = $derived(
    !this.#isSilenced &&
      (this.why === 'lost' || (this.why === 'ended' && (alarms.audible !== undefined || router.query.has('wall')))),
  );

  /** An alarm that was known goes on, and a lesser signal stands back behind one that says that worse may be unknown. */
  readonly signal: Signal | undefined = $derived.by(() => {
    const known = session.stage === 'in' ? alarms.audible : undefined;
    return this.calls && (known === undefined || known === 'trouble') ? 'unwatched' : known;
  });

  constructor() {
    // Of several pages one sounds; when that is silenced, the next must not begin.
    this.#others?.addEventListener('message', () => this.#silence());
  }

  /** Ends the call on all pages of this browser, until alarms are watched again. */
  silence(): void {
    this.#silence();
    this.#others?.postMessage('silence');
  }

  #silence(): void {
    if (this.why !== undefined) this.#isSilenced = true;
  }

  /** Watches, as an effect: gives back how to end it. */
  begin(): () => void {
    if (session.stage !== 'in' || connection.live) {
      this.#isLost = false;
      if (session.stage === 'in') this.#isSilenced = false;
      return () => {};
    }
    const timer = setTimeout(() => (this.#isLost = true), CALL_AFTER_MS);
    return () => clearTimeout(timer);
  }
}

export const watch = new Watch();
