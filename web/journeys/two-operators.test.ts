// Two people who see the same alarm, and press at the same moment.
import { words } from '../src/words';
import { action, complaint } from './harness/controls';
import { expect, journey } from './harness/journey';
import { pressAt } from './harness/moment';

journey(
  'two people acknowledge at once: both have seen it, both are told who was first, nobody has failed',
  async ({ server, visit }) => {
    const node = await server.node('127.6.4.2');
    node.post(7, 'FIRE', 0);
    const { page: one } = await visit('operator', '#/alarms');
    const { page: other } = await visit('engineer', '#/alarms');
    const buttons = [one, other].map((page) => action(page, words.alarms.acknowledge));
    for (const button of buttons) await button.waitFor();

    const at = Date.now() + 500;
    await Promise.all(buttons.map((button) => pressAt(button, at)));
    for (const button of buttons) await button.waitFor({ state: 'hidden' });

    const admin = await server.as('admin');
    const [alarm] = (await admin.call('GET /api/v1/alarms')).items;
    const { items } = await admin.call('GET /api/v1/events', { query: { limit: 1_000 } });
    const [first, second, ...more] = items.filter((event) => event.kind === 'alarm.acknowledged');
    expect(alarm?.acknowledged_by).toBe(first?.who?.name);
    expect(new Set([first?.who?.name, second?.who?.name])).toEqual(new Set(['operator', 'engineer']));
    expect(more).toEqual([]);
    for (const page of [one, other]) {
      const main = page.getByRole('main');
      await main.getByText(words.alarms.states.acknowledged, { exact: true }).first().waitFor();
      await main.getByText(words.alarms.acknowledgedBy(first?.who?.name ?? ''), { exact: true }).waitFor();
      expect(await complaint(page).count()).toBe(0);
    }
  },
);
