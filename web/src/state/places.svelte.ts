// Buildings, floors, zones and rooms, with their worst state.
import { call } from '../api/call';
import type { Place } from '../api/types';

class Places {
  all: Place[] = $state.raw([]);
  known = $state(false);

  async load(): Promise<void> {
    const [buildings, zones] = await Promise.all([call('GET /api/v1/buildings'), call('GET /api/v1/zones')]);
    this.all = [...buildings.items, ...zones.items];
    this.known = true;
  }

  get(name: string | null | undefined): Place | undefined {
    return this.all.find((place) => place.name === name);
  }

  /** What a place is called: its title, or else its name. */
  title(name: string): string {
    return this.get(name)?.title ?? name;
  }

  /** What lies directly within a place; without one, all that lies in nothing. */
  within(name: string | null): Place[] {
    return this.all.filter((place) => place.within === name);
  }
}

export const places = new Places();
