// The server is killed in the middle of its work, and started again.
import type { Event } from '../src/api/types';
import { words } from '../src/words';
import { action, count, health } from './harness/controls';
import { expect, journey } from './harness/journey';

journey(
  'after a power cut all alarms, acknowledgements and entries are there, without a reload',
  async ({ server, visit }) => {
    const node = await server.node('127.6.2.2');
    node.post(7, 'FIRE', 0);
    node.post(8, 'FIRE', 0);
    const { page, faults } = await visit('operator', '#/alarms');
    await count(page, 2, 'alarm').waitFor();
    await action(page, words.alarms.acknowledge, node.key(7)).click();
    await action(page, words.alarms.acknowledge, node.key(7)).waitFor({ state: 'hidden' });
    const admin = await server.as('admin');
    const before = await admin.call('GET /api/v1/events', { query: { limit: 1_000 } });
    await page.evaluate(() => (document.body.dataset.loaded = 'once'));

    await server.kill();
    await health(page, words.shell.lost).waitFor();
    await server.start();
    await health(page, words.shell.live).waitFor();

    await count(page, 2, 'alarm').waitFor();
    await action(page, words.alarms.acknowledge, node.key(8)).waitFor();
    expect(await action(page, words.alarms.acknowledge, node.key(7)).isVisible()).toBe(false);
    expect(await page.evaluate(() => document.body.dataset.loaded)).toBe('once');
    const after = await admin.call('GET /api/v1/events', { query: { limit: 1_000 } });
    expect(after.items.slice(0, before.items.length).map(stored)).toEqual(before.items.map(stored));
    faults.expect(/^50\d for /);
  },
);

/** An entry of the journal without the stamps beside it, which are known to the run that has written it. */
function stored({ committed: _committed, notified: _notified, ...entry }: Event): unknown {
  return entry;
}
