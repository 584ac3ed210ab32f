// What can be placed on a plan, as a list that can be searched.
import type { Node, Sensor } from '../../api/types';
import { words } from '../../words';
import { keyOf } from './draft';
import type { Thing } from './editor.svelte';
import { sensorTitle } from './values';

export interface Placeable extends Thing {
  key: string;
  title: string;
  /** What else there is to say, to tell it from others. */
  detail: string;
  place: string | null;
}

/** Nodes first, each with its sensors after it: whoever places a node has placed what it measures. */
export function placeables(nodes: Node[], sensors: Sensor[], placeTitle: (name: string) => string): Placeable[] {
  const byNode = new Map<string, Sensor[]>();
  for (const sensor of sensors) {
    const its = byNode.get(sensor.node);
    if (its) its.push(sensor);
    else byNode.set(sensor.node, [sensor]);
  }
  const detail = (...parts: (string | null)[]) => parts.filter(Boolean).join(', ');
  const where = (place: string | null) => place && placeTitle(place);
  return nodes.flatMap((node) => {
    const title = node.name ?? node.address;
    const its = { source_kind: 'node', source: node.node } as const;
    const entry: Placeable = {
      ...its,
      key: keyOf(its),
      title,
      detail: detail(words.plans.node, node.name && node.address, where(node.place)),
      place: node.place,
    };
    const children = (byNode.get(node.node) ?? []).map((sensor): Placeable => {
      const its = { source_kind: 'sensor', source: sensor.ip_id } as const;
      const kind = sensor.name && words.common.kinds[sensor.kind];
      const more = detail(kind, sensor.ip_id, title, where(sensor.place));
      return { ...its, key: keyOf(its), title: sensorTitle(sensor), detail: more, place: sensor.place };
    });
    return [entry, ...children];
  });
}

/** Those that all words of a search are found in. */
export function searched(things: Placeable[], search: string): Placeable[] {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return things;
  return things.filter(({ title, detail }) => {
    const text = `${title} ${detail}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
