// What keeps a sensor quiet: something about itself, its node, or a place that it is in.
import { pages } from '../../../api/call';
import type { Sensor, Suppression } from '../../../api/types';
import { places } from '../../../state/places.svelte';

export class QuietReasons {
  all: Suppression[] = $state.raw([]);

  async load(): Promise<void> {
    const found: Suppression[] = [];
    for await (const page of pages('GET /api/v1/suppressions')) found.push(...page);
    this.all = found;
  }

  of(sensor: Sensor): Suppression[] {
    const around = new Set<string>();
    for (let place = sensor.place; place && !around.has(place); place = places.get(place)?.within ?? null) {
      around.add(place);
    }
    return this.all.filter(
      ({ source, source_kind }) =>
        (source_kind === 'sensor' && source === sensor.ip_id) ||
        (source_kind === 'node' && source === sensor.node) ||
        (source_kind === 'place' && around.has(source)),
    );
  }
}
