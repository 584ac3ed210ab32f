// Who is logged in.
import { call, onLoggedOut, type Operation } from '../api/call';
import { problemOf, type Problem } from '../api/problem';
import { ROLE_OF, type CurrentSession, type Role } from '../api/types';

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

  /** Finds out who is logged in, and whether anybody can be. */
  async begin(): Promise<void> {
    try {
      const current = await call('GET /api/v1/session');
      const eyes = JSON.stringify([current.name, current.role, current.buildings]);
      if (this.#eyes !== undefined && this.#eyes !== eyes) {
        location.reload();
        return;
      }
      this.#eyes = eyes;
      this.current = current;
      this.hasEnded = false;
      this.stage = 'in';
    } catch (thrown) {
      this.problem = problemOf(thrown);
      this.stage = this.problem.status === 401 ? await this.#entrance() : 'unreachable';
    }
  }

  /** Where there is an account, nothing tells a stranger of the setup. */
  async #entrance(): Promise<'setup' | 'login'> {
    const setup = await call('GET /api/v1/setup').catch(() => undefined);
    return setup?.needed ? 'setup' : 'login';
  }

  /** The server no longer knows who asks. */
  end(): void {
    this.current = undefined;
    if (this.stage !== 'in') return;
    this.hasEnded = true;
    this.stage = 'login';
  }

  async logout(): Promise<void> {
    await call('POST /api/v1/logout').catch(() => {});
    this.end();
    this.hasEnded = false;
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
onLoggedOut(() => session.end());
