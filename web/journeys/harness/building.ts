// A building with two zones, and a plan of its ground floor.
import type { SensorNode } from './node';
import type { Server } from './server';

export const PLAN = 'ground';

/** A drawing of a floor, as somebody would upload it. */
export const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 500">
  <rect x="10" y="10" width="780" height="480" fill="#ffffff" stroke="#444444" stroke-width="6"/>
  <path d="M400 10V200M400 300V490M10 250H300" fill="none" stroke="#444444" stroke-width="4"/>
</svg>`;

/** Makes the building, with its plan but with nothing on it. */
export async function build(server: Server, named = (name: string) => name): Promise<void> {
  const engineer = await server.as('engineer');
  await engineer.make('POST /api/v1/buildings', { body: { name: 'main', title: named('Main Building') } });
  for (const [name, kind, title, within] of [
    ['ground', 'floor', 'Ground floor', 'main'],
    ['east', 'zone', 'East wing', 'ground'],
    ['west', 'zone', 'West wing', 'ground'],
  ] as const) {
    await engineer.make('POST /api/v1/zones', { body: { name, kind, title: named(title), within } });
  }
  const plan = { title: named('Ground floor'), place: 'ground' };
  await engineer.make('POST /api/v1/plans', { body: { ...plan, name: PLAN } });
  const bare = { ...plan, zones: [], placements: [] };
  await engineer.call('PUT /api/v1/plans/{name}', { path: { name: PLAN }, body: bare });
  const picture = { path: { name: PLAN }, body: DRAWING, contentType: 'image/svg+xml' };
  await engineer.call('PUT /api/v1/plans/{name}/image', picture as never);
}

/** Says of a node what people call it, and where it is, as soon as the server knows it. */
export async function describe(server: Server, node: SensorNode, name: string, place: string): Promise<void> {
  const engineer = await server.as('engineer');
  const path = { node: node.address };
  await engineer.until('GET /api/v1/nodes/{node}', { path }, () => true);
  await engineer.call('PATCH /api/v1/nodes/{node}', { path, body: { name, place } });
}

export async function nameSensor(server: Server, key: string, name: string): Promise<void> {
  const engineer = await server.as('engineer');
  await engineer.call('PATCH /api/v1/sensors/{ip_id}', { path: { ip_id: key }, body: { name } });
}

/** Puts sensors onto the plan, and outlines a zone around the first of them. */
export async function place(
  server: Server,
  sensors: { key: string; x: number; y: number }[],
  named = (name: string) => name,
): Promise<void> {
  const engineer = await server.as('engineer');
  await engineer.call('PUT /api/v1/plans/{name}', {
    path: { name: PLAN },
    body: {
      place: 'ground',
      title: named('Ground floor'),
      placements: sensors.map(({ key, x, y }) => ({ source: key, x, y })),
      zones: [{ place: 'east', corners: rectangle(0.5, 0.05, 0.97, 0.95) }],
    },
  });
}

function rectangle(left: number, top: number, right: number, bottom: number): { x: number; y: number }[] {
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
}
