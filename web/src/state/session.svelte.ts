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

class Session {
  /** What the page is to show: nothing yet, the first setup, the login, or the dashboard. */
  stage: 'starting' | 'unreachable' | 'setup' | 'login' | 'in' = $state('starting');
  current: CurrentSession | undefined = $state.raw();
  problem: Problem | undefined = $state.raw();
  /** Whether somebody was in, and is no longer without having asked for it. */
  hasEnded = $state(false);
  /** For whose eyes everything is that pages have read. */
  #eyes: string | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;

  /** Finds out who is logged in, and whether anybody can be. */
  async begin(): Promise<void> {
    clearTimeout(this.#again);
    this.#isAsking = true;
    try {
      const current = await call('GET /api/v1/session');
      const eyes = JSON.stringify([current.name, current.role, current.buildings]);
      if (this.#eyes !== undefined && this.#eyes !== eyes) {
        await this.#leave();
        return;
      }
      this.#eyes = eyes;
      this.current = current;
      this.hasEnded = false;
      this.stage = 'in';
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (problem.status === 401) {
        this.#forget();
        this.stage = await this.#entrance();
      } else {
        // Whoever is in stays in, with all that sounds: the feed knows whether the server is there.
        this.problem = problem;
        if (this.stage !== 'in') this.stage = 'unreachable';
        this.#again = setTimeout(() => void this.begin(), AGAIN_MS);
      }
    } finally {
      this.#isAsking = false;
    }
  }

  /** Somebody else has come in on another page: nothing of the one before may stay, and nothing may ask whether it shall. */
  async #leave(): Promise<void> {
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

  /** Nobody is in any more. Throws, where the server was not told of it: then somebody still is. */
  async logout(): Promise<void> {
    try {
      await call('POST /api/v1/logout');
    } catch (thrown) {
      if (problemOf(thrown).status !== 401) throw thrown;
    }
    this.#forget();
    this.hasEnded = false;
    this.stage = 'login';
  }

  #forget(): void {
    this.current = undefined;
    if (this.stage === 'in') this.hasEnded = true;
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
