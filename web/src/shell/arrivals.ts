// Which alarms are new to somebody who hears the page instead of seeing it.
import type { Alarm } from '../api/types';

/** So many are told one by one; of more, only how many there are. */
export const ONE_BY_ONE = 3;

export class Arrivals {
  /** Newer alarms have greater numbers. */
  #upTo: number | undefined;

  /** Those that were not there the last time; at first none is new. */
  of(shown: readonly Alarm[]): Alarm[] {
    const upTo = this.#upTo;
    const newest = shown.reduce((most, { id }) => Math.max(most, id), upTo ?? 0);
    this.#upTo = newest;
    return upTo === undefined ? [] : shown.filter(({ id }) => id > upTo);
  }
}
