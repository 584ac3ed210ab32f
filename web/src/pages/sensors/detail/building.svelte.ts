// The rules in force, and which of them hold for a sensor.
import { tagged } from '../../../api/call';
import type { Rules, Sensor, Status } from '../../../api/types';
import { places } from '../../../state/places.svelte';
import { meanings, rulesFor, type HoldingRule } from '../chart/rules';

/** No building is nested deeper; a circle, which the server refuses, would have no end. */
const DEPTH_MAX = 20;

class Building {
  rules: Rules | undefined = $state.raw();
  /** The version of all that people say about the building. */
  tag: string | undefined = $state.raw();

  async load(): Promise<void> {
    const [{ value, tag }] = await Promise.all([tagged('GET /api/v1/rules'), places.load()]);
    this.rules = value;
    this.tag = tag;
  }

  rulesOf(sensor: Sensor): HoldingRule[] {
    return this.rules ? rulesFor({ sensor, places: this.#chain(sensor.place) }, this.rules) : [];
  }

  /** What each value of a sensor means. */
  meaningsOf(sensor: Sensor): Status[] {
    return meanings(sensor.kind, this.rulesOf(sensor));
  }

  /** The places that a place is in, the outermost first, with itself. */
  #chain(name: string | null): string[] {
    const chain: string[] = [];
    for (let place = places.get(name); place && chain.length < DEPTH_MAX; place = places.get(place.within)) {
      chain.unshift(place.name);
    }
    const site = places.all.find(({ kind }) => kind === 'site');
    return site && chain[0] !== site.name ? [site.name, ...chain] : chain;
  }
}

export const building = new Building();
