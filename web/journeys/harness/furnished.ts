// A building in which something of everything is going on, so that every page has something to show.
import type { SensorKind } from '../../src/api/types';
import { build, describe, nameSensor, place, PLAN } from './building';
import type { Server } from './server';
import type { Things } from './views';

/** The sensors of the node in the kitchen, by their numbers, with what they say. */
const KITCHEN: [number, SensorKind, number, string][] = [
  [1, 'SMOKE', 30, 'Smoke at the ceiling'],
  [2, 'HUMIDITY', 85, 'Over the dishwasher'],
  [3, 'MOTION', 0, 'Door'],
  [4, 'TEMPERATURE', 138, 'Over the stove'],
  [5, 'WATER', 12, 'Under the sink'],
  [7, 'FIRE', 0, 'Beside the stove'],
];

/** Furnishes it. Names can be made into something else, as people do who mean no good. */
export async function furnish(server: Server, named = (name: string) => name): Promise<Things> {
  await build(server, named);
  const kitchen = await server.node('127.6.8.2');
  const hall = await server.node('127.6.8.3');
  for (const [id, kind, value] of KITCHEN) kitchen.post(id, kind, value);
  for (const id of [7, 8]) hall.post(id, 'FIRE', 1);
  await describe(server, kitchen, named('Kitchen'), 'east');
  await describe(server, hall, named('Hall'), 'west');
  for (const [id, , , name] of KITCHEN) await nameSensor(server, kitchen.key(id), named(name));
  const placed = KITCHEN.map(([id], index) => ({ key: kitchen.key(id), x: 0.6 + 0.06 * index, y: 0.3 + 0.1 * index }));
  await place(server, [...placed, { key: hall.key(7), x: 0.2, y: 0.4 }], named);

  const engineer = await server.as('engineer');
  const path = { node: hall.address };
  await engineer.call('PATCH /api/v1/nodes/{node}', { path, body: { late_s: 2, trouble_s: 4 } });
  hall.fallSilent();
  const operator = await server.as('operator');
  const alarms = await operator.until('GET /api/v1/alarms', {}, ({ items }) => items.length >= 4);
  const one = (rule: string) => alarms.items.find((alarm) => alarm.rule === rule);
  const of = (rule: string) => one(rule)?.id ?? 0;
  const body = { minutes: 60, reason: named('Steam from the dishwasher') };
  if (one('humidity')?.suppressed === null) {
    await operator.call('POST /api/v1/alarms/{id}/shelve', { path: { id: of('humidity') }, body });
  }
  await operator.call('POST /api/v1/alarms/{id}/acknowledge', { path: { id: of('temperature') } });
  await engineer.make('POST /api/v1/targets', {
    body: { name: 'desk', webhook: { url: 'http://127.0.0.1:9/', format: 'json' } } as never,
  });
  const admin = await server.as('admin');
  await admin.make('POST /api/v1/tokens', { body: { name: 'wall screen', role: 'viewer' } as never });
  return { node: kitchen.address, sensor: kitchen.key(4), alarm: of('fire'), plan: PLAN };
}
