// An alarm that people know of, and keep quiet for a while.
import type { Page } from 'playwright-core';
import { words } from '../src/words';
import { action, count } from './harness/controls';
import { expect, journey } from './harness/journey';

journey('an alarm is shelved with a reason, counted while it is quiet, and speaks again', async ({ server, visit }) => {
  const node = await server.node('127.6.5.2');
  node.post(4, 'TEMPERATURE', 140);
  const { page } = await visit('operator', '#/alarms?class=alarm');
  await open(page, node.key(4));
  await action(page, words.alarms.shelve).click();
  const dialog = page.getByRole('dialog');
  const shelve = dialog.getByRole('button', { name: words.alarms.doShelve, exact: true });

  await shelve.click();
  expect(await dialog.isVisible(), 'nothing is kept quiet without a reason').toBe(true);
  await dialog.getByRole('button', { name: '15 min', exact: true }).click();
  await dialog.getByLabel(words.alarms.reason).fill('The oven is on');
  await shelve.click();
  await dialog.waitFor({ state: 'hidden' });

  await count(page, 0, 'alarm').waitFor();
  const admin = await server.as('admin');
  const [shelved] = (await admin.call('GET /api/v1/suppressions')).items;
  expect(shelved).toMatchObject({ kind: 'shelved', owner: 'operator', reason: 'The oven is on' });
  const minutes = (Date.parse(shelved!.ends!) - Date.parse(shelved!.began)) / 60_000;
  expect(minutes).toBeCloseTo(15, 1);

  await page
    .getByRole('banner')
    .getByRole('link', { name: `1 ${words.shell.quiet}` })
    .click();
  await open(page, node.key(4));
  await action(page, words.alarms.unshelve).click();
  await count(page, 1, 'alarm').waitFor();
});

journey('what was shelved by mistake is taken back at once', async ({ server, visit }) => {
  const node = await server.node('127.6.5.3');
  node.post(4, 'TEMPERATURE', 140);
  const { page } = await visit('operator', '#/alarms?class=alarm');
  await open(page, node.key(4));
  await action(page, words.alarms.shelve, node.key(4)).click();
  await page.getByRole('dialog').getByRole('button', { name: words.alarms.reasons[0]!, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: words.alarms.doShelve, exact: true }).click();
  await page.getByRole('button', { name: words.common.undo }).waitFor();
  await page.keyboard.press('z');
  await action(page, words.alarms.shelve, node.key(4)).waitFor();
  expect((await (await server.as('admin')).call('GET /api/v1/suppressions')).items).toEqual([]);
});

/** Looks at an alarm closely, where everything is that can be done about it. */
async function open(page: Page, source: string): Promise<void> {
  const alarm = page.getByRole('listitem').filter({ hasText: source });
  await alarm.getByRole('link', { name: /great heat/i }).click();
  await page.getByRole('heading', { name: /great heat/i }).waitFor();
}
