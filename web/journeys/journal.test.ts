// Who wants to know what happened, when, where and by whom.
import { words } from '../src/words';
import { build, describe } from './harness/building';
import { downloaded } from './harness/controls';
import { expect, journey } from './harness/journey';

journey(
  'the journal is filtered by kind, place, person and time, each filter being a link, and exported',
  async ({ server, visit }) => {
    await build(server);
    const node = await server.node('127.6.9.2');
    node.post(7, 'FIRE', 0);
    await describe(server, node, 'Kitchen', 'east');
    const operator = await server.as('operator');
    const { items } = await operator.until('GET /api/v1/alarms', {}, (alarms) => alarms.items.length > 0);
    await operator.call('POST /api/v1/alarms/{id}/acknowledge', { path: { id: items[0]!.id } });

    const { page } = await visit('viewer', '#/journal');
    const table = page.getByRole('table');
    const kinds = words.journal.kinds;
    await table.getByRole('link', { name: kinds['server.started'] }).waitFor();
    const rows = table.getByRole('row').filter({ has: page.getByRole('cell') });

    await page
      .getByLabel(words.journal.kind)
      .selectOption({ label: words.journal.allOf(words.journal.subjects.alarm!) });
    await expect.poll(() => rows.count()).toBe(2);
    await page.getByLabel(words.journal.who).fill('operator');
    await page.keyboard.press('Enter');
    await expect.poll(() => rows.count()).toBe(1);
    await table.getByRole('link', { name: kinds['alarm.acknowledged'] }).waitFor();

    const { page: colleague } = await visit('viewer', new URL(page.url()).hash);
    await colleague.getByRole('table').getByRole('link', { name: kinds['alarm.acknowledged'] }).waitFor();

    await page.getByRole('button', { name: words.journal.clear }).click();
    await page.getByLabel(words.journal.source).fill(node.address);
    await page.keyboard.press('Enter');
    await table.getByRole('link', { name: kinds['node.admitted'] }).waitFor();
    await expect.poll(() => table.getByRole('link', { name: kinds['server.started'] }).count()).toBe(0);

    await page.getByRole('button', { name: words.journal.clear }).click();
    await page.getByLabel(words.journal.to).fill('2020-01-01T00:00');
    await page.getByRole('heading', { name: words.journal.noneTitle }).waitFor();

    await page.getByRole('button', { name: words.journal.clear }).click();
    await page.getByRole('button', { name: words.journal.export }).click();
    const save = page.getByRole('dialog').getByRole('button', { name: words.journal.exportAction, exact: true });
    const file = await downloaded(page, () => save.click());
    expect(file).toContain('alarm.acknowledged');
    expect(file.trim().split('\n').length).toBeGreaterThan(5);
  },
);

journey(
  'an entry shows all its stamps and its hash, and what happens meanwhile comes in by itself',
  async ({ server, visit }) => {
    const { page } = await visit('viewer', '#/journal');
    const table = page.getByRole('table');
    await table.getByRole('link', { name: words.journal.kinds['alarm.raised'] }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^[0-9a-f]{64}$/).waitFor();
    await page.keyboard.press('Escape');

    const node = await server.node('127.6.9.3');
    node.post(7, 'FIRE', 0);
    await table
      .getByRole('row')
      .filter({ hasText: node.key(7) })
      .first()
      .waitFor();
  },
);
