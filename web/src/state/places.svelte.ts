// Buildings, floors, zones and rooms, with their worst state.
import { call } from '../api/call';
import type { Place } from '../api/types';

class Places {
  all: Place[] = $state.raw([]);
  known = $state(false);
  /** Whether the last question was in vain: what is shown is how it was before. */
  old = $state(false);

  #asked = 0;
  #taken = 0;

  async load(): Promise<void> {
    const asked = ++this.#asked;
    const questions = Promise.all([call('GET /api/v1/buildings'), call('GET /api/v1/zones')]);
    const [buildings, zones] = await questions.catch((thrown: unknown) => {
      if (asked > this.#taken) this.old = true;
      throw thrown;
    });
    // An answer that was overtaken by that of a later question is old.
    if (asked < this.#taken) return;
    this.#taken = asked;
    this.all = [...buildings.items, ...zones.items];
    this.known = true;
    this.old = false;
  }

  get(name: string | null | undefined): Place | undefined {
    return this.all.find((place) => place.name === name);
  }

  /** What a place is called: its title, or else its name. */
  title(name: string): string {
    return this.get(name)?.title ?? name;
  }

  /** A place and all that it is in, the outermost first. */
  path(name: string | null): Place[] {
    const path: Place[] = [];
    for (let place = this.get(name); place && !path.includes(place); place = this.get(place.within))
      path.unshift(place);
    return path;
  }

  /** Where a place is, in words: `North house › Floor 1 › East wing`. */
  where(name: string): string {
    return (
      this.path(name)
        .map((place) => place.title ?? place.name)
        .join(' › ') || name
    );
  }

  /** Whether a place is within another one, or is it. All is within the site. */
  isWithin(name: string, outer: string): boolean {
    return this.get(outer)?.kind === 'site' || this.path(name).some((place) => place.name === outer);
  }

  /** What lies directly within a place; without one, all that lies in nothing. */
  within(name: string | null): Place[] {
    return this.all.filter((place) => place.within === name);
  }
}

export const places = new Places();
