// What a sensor has said, as a file.
import { words } from '../src/words';
import { downloaded } from './harness/controls';
import { expect, journey } from './harness/journey';

const VALUES = [70, 71, 75, 74, 73];

journey('the readings that a chart shows are downloaded as CSV, each as it was said', async ({ server, visit }) => {
  const node = await server.node('127.6.10.2');
  node.fallSilent();
  for (const value of VALUES) {
    node.post(4, 'TEMPERATURE', value);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const viewer = await server.as('viewer');
  const path = { ip_id: node.key(4) };
  await viewer.until('GET /api/v1/history/{ip_id}', { path }, ({ items }) => items.length === VALUES.length);

  const { page } = await visit('viewer', `#/sensors/${node.key(4)}`);
  const exports = page.getByRole('group', { name: words.chart.exports });
  const file = await downloaded(page, () => exports.getByRole('link', { name: words.chart.csv }).click());
  const [head, ...lines] = file.trim().split('\n');
  expect(head).toBe('time,node,sensor,kind,value,status');
  const rows = lines.map((line) => line.split(','));
  expect(rows.map(([, of, sensor]) => `${of}_${sensor}`)).toEqual(VALUES.map(() => node.key(4)));
  expect(rows.map(([, , , kind, value]) => `${kind} ${value}`)).toEqual(VALUES.map((value) => `TEMPERATURE ${value}`));
});
