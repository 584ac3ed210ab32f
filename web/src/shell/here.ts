// Where somebody is looking: the place that a page is about.
import { alarms } from '../state/alarms.svelte';
import { nodes } from '../state/nodes.svelte';
import { places } from '../state/places.svelte';
import { sensors } from '../state/sensors.svelte';

interface PlanPlace {
  name: string;
  place: string | null;
}

/** The place of what a page shows, as its address says; undefined, where it is about none. */
export function placeOf(path: string[], query: URLSearchParams, plans: PlanPlace[]): string | undefined {
  const [page, name] = path;
  const known = (place: string | null | undefined) => (places.get(place) ? (place ?? undefined) : undefined);
  const chosen = known(query.get('zone')) ?? known(query.get('place')) ?? known(query.get('source'));
  if (chosen !== undefined || name === undefined) return chosen;
  if (page === 'alarms') return known(alarms.get(Number(name))?.place);
  if (page === 'nodes') return known(nodes.get(name)?.place);
  if (page === 'sensors') return known(sensors.get(name)?.place);
  if (page === 'plans') return known(plans.find((plan) => plan.name === name)?.place);
  return undefined;
}
