// A node that stays connected and says nothing any more.
import { words } from '../src/words';
import { build, describe } from './harness/building';
import { action, count } from './harness/controls';
import { journey } from './harness/journey';

journey('a silent node is shown late, then signalled, and all is well once it speaks', async ({ server, visit }) => {
  await build(server);
  const node = await server.node('127.6.3.2');
  node.post(4, 'TEMPERATURE', 71);
  await describe(server, node, 'Boiler room', 'east');
  const engineer = await server.as('engineer');
  const path = { node: node.address };
  await engineer.call('PATCH /api/v1/nodes/{node}', { path, body: { late_s: 3, trouble_s: 6 } });

  const { page } = await visit('operator', '#/nodes');
  const row = page.getByRole('row', { name: /Boiler room/ });
  await row.getByText(words.common.supervisions.good, { exact: true }).waitFor();
  node.fallSilent();
  await row.getByText(words.common.supervisions.late, { exact: true }).waitFor();
  await row.getByText(words.common.supervisions.lost, { exact: true }).waitFor();
  await count(page, 1, 'trouble').click();
  await action(page, words.alarms.acknowledge, 'Boiler room').click();

  node.speak();
  await count(page, 0, 'trouble').waitFor();
});
