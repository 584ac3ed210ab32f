// What the stores know, as the marks and zones of a plan need it.
import { untrack } from 'svelte';
import type { PlanPlacement, Sensor } from '../../api/types';
import { alarms } from '../../state/alarms.svelte';
import { nodes } from '../../state/nodes.svelte';
import { places } from '../../state/places.svelte';
import { sensors } from '../../state/sensors.svelte';
import { byNode, bySource, kept, markOf, type Known, type Mark } from './marks';
import { isShown, placeOf, placeStates, withinOf } from './zones';

export class Knowledge implements Known {
  readonly #bySource = $derived(bySource(alarms.all));
  readonly #alarmsByNode = $derived(byNode(alarms.all));
  readonly isComplete: boolean = $derived(
    nodes.complete && sensors.complete && !sensors.truncated && sensors.zone === null,
  );
  readonly #sensorCount = $derived(sensors.size);
  /** Which node a sensor belongs to never changes: this is made anew only when there are more of them. */
  readonly #byNode = $derived.by(() => {
    void this.#sensorCount;
    const found = new Map<string, string[]>();
    for (const { node, ip_id } of untrack(() => sensors.values())) {
      const keys = found.get(node);
      if (keys) keys.push(ip_id);
      else found.set(node, [ip_id]);
    }
    return found;
  });
  readonly within = $derived(withinOf(places.all));
  readonly placeStates = $derived(placeStates(alarms.shown, this.within));
  #before = new Map<string, Mark>();

  readonly sensor = (key: string) => sensors.get(key);
  readonly node = (key: string) => nodes.get(key);
  readonly placeTitle = (name: string) => places.title(name);
  readonly alarmsOf = (source: string) => this.#bySource.get(source) ?? [];
  readonly alarmsUnder = (node: string) => this.#alarmsByNode.get(node) ?? [];

  readonly sensorsOf = (node: string): Sensor[] =>
    (this.#byNode.get(node) ?? []).map((key) => sensors.get(key)).filter((sensor) => sensor !== undefined);

  /** The marks of a plan as they are now. Those that look as before are the same objects as before. */
  marks(placements: readonly PlanPlacement[]): Map<string, Mark> {
    const now = kept(
      this.#before,
      placements.map((placement) => markOf(placement, this)),
    );
    this.#before = new Map(now.map((mark) => [mark.key, mark]));
    return this.#before;
  }

  /** The alarms that are shown and lie in a place, or everywhere. */
  alarmsIn(place: string | null) {
    return alarms.shown.filter((alarm) => isShown(placeOf(alarm), place, this.within));
  }

  /** Whether all that is placed lies in a place: then readings of nowhere else are needed. A sensor of a node may lie elsewhere. */
  isAllIn(place: string, placements: readonly PlanPlacement[]): boolean {
    const isIn = (its: { place: string | null } | undefined) =>
      its !== undefined && isShown(its.place, place, this.within);
    return placements.every(({ source, source_kind }) =>
      source_kind === 'node' ? [this.node(source), ...this.sensorsOf(source)].every(isIn) : isIn(this.sensor(source)),
    );
  }
}
