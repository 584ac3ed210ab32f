// Who is logged in.
import { tick } from 'svelte';
import { call, onLoggedOut, type Operation } from '../api/call';
import { problemOf, type Problem } from '../api/problem';
import { ROLE_OF, type CurrentSession, type Role } from '../api/types';

/** A server that cannot be reached at the start is asked again so soon: nobody may be there to press something. */
const AGAIN_MS = 3_000;

const RANK: Role[] = ['viewer', 'operator', 'engineer', 'admin'];

/** Operations that are not about places; who is limited to some buildings may do with the others what an operator may. */
const LIMITED_RANK = RANK.indexOf('operator');

/** What the pages of a browser tell each other: that somebody has come in, or has left. */
type Told = 'entered' | 'left';

class Session {
  /** What the page is to show: nothing yet, the first setup, the login, or the dashboard; or a login over the dashboard, for whoever was
   * in when the session ended. */
  stage: 'starting' | 'unreachable' | 'setup' | 'login' | 'in' | 'again' = $state('starting');
  current: CurrentSession | undefined = $state.raw();
  problem: Problem | undefined = $state.raw();
  /** For whose eyes everything is that pages have read. */
  #eyes: string | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #hasLeft = false;
  readonly #others = 'BroadcastChannel' in window ? new BroadcastChannel('poe-session') : undefined;

  constructor() {
    this.#others?.addEventListener('message', ({ data }: MessageEvent<Told>) => {
      if (data === 'entered') void this.begin();
      else if (this.current) void this.leave();
    });
  }

  /** Finds out who is logged in, and whether anybody can be. */
  async begin(): Promise<void> {
    clearTimeout(this.#again);
    this.#isAsking = true;
    try {
      this.#isIn(await call('GET /api/v1/session'));
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (problem.status === 401) {
        this.stage = this.current ? 'again' : await this.#entrance();
      } else {
        // Whoever is in stays in, with all that sounds: the feed knows whether the server is there.
        this.problem = problem;
        if (!this.current) this.stage = 'unreachable';
        this.#again = setTimeout(() => void this.begin(), AGAIN_MS);
      }
    } finally {
      this.#isAsking = false;
    }
  }

  /** Somebody has come in here, and so on all other pages of this browser. */
  async enter(): Promise<void> {
    await this.begin();
    this.#others?.postMessage('entered' satisfies Told);
  }

  #isIn(current: CurrentSession): void {
    if (this.#hasLeft) return;
    const eyes = JSON.stringify([current.name, current.buildings]);
    if (this.#eyes !== undefined && this.#eyes !== eyes) {
      void this.leave();
      return;
    }
    this.#eyes = eyes;
    this.current = current;
    this.stage = 'in';
  }

  /** Nothing of whoever was in may stay, and nothing may ask whether it shall: the page begins anew, and finds out who is in now. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    this.current = undefined;
    this.stage = 'starting';
    await tick();
    location.reload();
  }

  /** Where there is an account, nothing tells a stranger of the setup. */
  async #entrance(): Promise<'setup' | 'login'> {
    const setup = await call('GET /api/v1/setup').catch(() => undefined);
    return setup?.needed ? 'setup' : 'login';
  }

  /** The server did not know who asked. It may have been asked with what held before a password was changed, so it is asked once more. */
  doubt(): void {
    if (this.stage === 'in' && !this.#isAsking) void this.begin();
  }

  /** Nobody is in any more, on all pages. Throws, where the server was not told of it: then somebody still is. */
  async logout(): Promise<void> {
    try {
      await call('POST /api/v1/logout');
    } catch (thrown) {
      if (problemOf(thrown).status !== 401) throw thrown;
    }
    this.#others?.postMessage('left' satisfies Told);
    await this.leave();
  }

  /** Whether whoever is logged in may do this. The server decides; what it would refuse is not offered. */
  may(operation: Operation): boolean {
    const needed = ROLE_OF[operation];
    if (needed === 'nobody') return true;
    if (!this.current) return false;
    const rank = RANK.indexOf(this.current.role);
    return (this.current.buildings.length > 0 ? Math.min(rank, LIMITED_RANK) : rank) >= RANK.indexOf(needed);
  }
}

export const session = new Session();
onLoggedOut(() => session.doubt());
