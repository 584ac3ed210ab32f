// Places as a facet: a place and all that is in it.
import type { Place } from '../../api/types';
import type { Facet } from './columns';

/** Looked up once for thousands of rows. */
export class PlaceBook {
  readonly #places: readonly Place[];
  readonly #titles: Map<string, string>;
  readonly #within: Map<string, string | null>;

  constructor(places: readonly Place[]) {
    this.#places = places;
    this.#titles = new Map(places.map((place) => [place.name, place.title ?? place.name]));
    this.#within = new Map(places.map((place) => [place.name, place.within]));
  }

  title(name: string | null): string {
    return name === null ? '' : (this.#titles.get(name) ?? name);
  }

  isWithin(name: string | null, outer: string): boolean {
    // A place cannot be within itself; what is wrong must not stop the page.
    for (let steps = 0, at = name; at !== null && steps < 100; steps += 1) {
      if (at === outer) return true;
      at = this.#within.get(at) ?? null;
    }
    return false;
  }

  facet<T extends { place: string | null }>(title: string, where: (name: string) => string): Facet<T> {
    const options = this.#places
      // All is on the site.
      .filter(({ kind }) => kind !== 'site')
      .map(({ name: value }) => ({ value, title: where(value) }));
    return {
      id: 'place',
      title,
      options: options.sort((a, b) => a.title.localeCompare(b.title)),
      has: (row, value) => this.isWithin(row.place, value),
    };
  }
}
