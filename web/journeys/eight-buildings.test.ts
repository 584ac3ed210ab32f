// A guard of eight buildings and a shed, which are more than the connections that a browser opens to a server.
import { words } from '../src/words';
import { describe } from './harness/building';
import { action, count, logIn } from './harness/controls';
import { expect, journey } from './harness/journey';
import { PASSWORD } from './harness/server';

const SEEN_WITHIN_MS = 1_000;
const SEEN = 8;

journey(
  'an alarm in any of eight buildings is on the screen within a second, and one elsewhere is not',
  async ({ server, visit }) => {
    const admin = await server.as('admin');
    const names = Array.from({ length: SEEN + 1 }, (_, at) => `house-${at + 1}`);
    const nodes = await Promise.all(names.map((_, at) => server.node(`127.6.12.${at + 2}`)));
    for (const [at, name] of names.entries()) {
      nodes[at]!.post(7, 'FIRE', 1);
      await admin.call('POST /api/v1/buildings', { body: { name, title: `House ${at + 1}` } });
      await describe(server, nodes[at]!, `Hall of ${name}`, name);
    }
    await admin.call('POST /api/v1/buildings', { body: { name: 'shed', title: 'Shed' } });
    const buildings = [...names.slice(0, SEEN), 'shed'];
    await admin.call('POST /api/v1/users', {
      body: { name: 'guard', role: 'operator', buildings, password: PASSWORD },
    });

    const { page } = await visit(undefined, '#/alarms');
    await logIn(page, 'guard');
    await count(page, 0, 'alarm').waitFor();
    for (const [at, node] of nodes.slice(0, SEEN).entries()) {
      const lit = node.post(7, 'FIRE', 0);
      await count(page, at + 1, 'alarm').waitFor();
      expect(Date.now() - lit).toBeLessThan(SEEN_WITHIN_MS);
    }

    nodes.at(-1)!.post(7, 'FIRE', 0);
    await admin.until('GET /api/v1/alarms', {}, ({ items }) => items.length === SEEN + 1);
    await action(page, words.alarms.acknowledge, nodes[0]!.key(7)).click();
    await action(page, words.alarms.acknowledge, nodes[0]!.key(7)).waitFor({ state: 'hidden' });
    await count(page, SEEN, 'alarm').waitFor();

    await admin.call('DELETE /api/v1/buildings/{name}', { path: { name: 'shed' } });
    await page.getByText(words.shell.unseen(['shed'])).waitFor();
  },
);
