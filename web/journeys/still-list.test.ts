// The list of alarms under somebody's hand: it stands still, and hides nothing.
import type { Locator, Page } from 'playwright-core';
import { words } from '../src/words';
import { action } from './harness/controls';
import { expect, journey } from './harness/journey';

/** A list that nobody is at shows what has come at once. */
const SOON_MS = 2_000;
/** A finger was lifted long ago. */
const LIFTED_MS = 1_500;

journey(
  'a row stays under the pointer while others come and go, and what comes is told above',
  async ({ server, visit }) => {
    const node = await server.node('127.6.12.2');
    node.post(4, 'HUMIDITY', 90);
    node.post(5, 'HUMIDITY', 90);
    const { page } = await visit('operator', '#/alarms');
    const row = rowOf(page, node.key(5));
    await row.hover();
    const before = await row.boundingBox();
    const order = (await orderOf(page)).map(sourceOf);

    node.post(7, 'FIRE', 0);
    const news = page.getByRole('button', { name: words.alarms.newAbove(1) });
    await news.waitFor();
    expect(await news.innerText()).toContain(words.common.classes.alarm);
    expect(await orderOf(page)).toHaveLength(2);
    node.post(5, 'HUMIDITY', 40);
    await row.getByText(/^(Ended|Returned|Latched)/).waitFor();
    await action(page, words.alarms.acknowledge, node.key(4)).click();
    await action(page, words.alarms.acknowledge, node.key(4)).waitFor({ state: 'hidden' });
    expect(await row.boundingBox()).toEqual(before);
    expect((await orderOf(page)).map(sourceOf)).toEqual(order);

    await page.getByRole('banner').hover();
    await news.waitFor({ state: 'hidden', timeout: SOON_MS });
    await expect.poll(() => orderOf(page)).toContainEqual(expect.stringContaining(node.key(7)));
  },
);

journey('the keyboard takes in what is new, and comes to the worst of it', async ({ server, visit }) => {
  const node = await server.node('127.6.12.3');
  node.post(4, 'HUMIDITY', 90);
  const { page } = await visit('operator', '#/alarms?q=127.6.12.3');
  await rowOf(page, node.key(4)).waitFor();
  await page.keyboard.press('j');
  node.post(7, 'FIRE', 0);
  await page.getByRole('button', { name: words.alarms.newAbove(1) }).waitFor();
  await page.keyboard.press('n');
  const link = rowOf(page, node.key(7)).getByRole('link').first();
  await expect.poll(() => link.evaluate((one) => document.activeElement === one)).toBe(true);
  await page.keyboard.press('a');
  await rowOf(page, node.key(7)).getByText(words.alarms.states.acknowledged).waitFor();
  await action(page, words.alarms.acknowledge, node.key(4)).waitFor();
});

journey('a finger holds the list while it is down and a moment longer', async ({ server, visit }) => {
  const node = await server.node('127.6.12.4');
  node.post(4, 'HUMIDITY', 90);
  const { page, context } = await visit('operator', '#/alarms?q=127.6.12.4', { phone: true });
  const row = rowOf(page, node.key(4));
  await row.waitFor();
  const box = (await row.boundingBox())!;
  const touches = await context.newCDPSession(page);
  const at = [{ x: box.x + 20, y: box.y + 20 }];
  await touches.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at });
  node.post(7, 'FIRE', 0);
  await page.getByRole('button', { name: words.alarms.newAbove(1) }).waitFor();
  expect(await row.boundingBox()).toEqual(box);
  await touches.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await page.waitForTimeout(LIFTED_MS);
  expect(await orderOf(page)).toHaveLength(2);
});

journey('what is out of service is told on every page, though nothing is wrong there', async ({ server, visit }) => {
  const engineer = await server.as('engineer');
  await engineer.call('POST /api/v1/buildings', { body: { name: 'annexe', title: 'Annexe' } });
  const { page } = await visit('operator', '#/overview');
  const told = page.getByRole('banner').getByText(words.shell.outOfService(1));
  expect(await told.count()).toBe(0);
  const body = { source: 'annexe', source_kind: 'place', minutes: 60, reason: 'works' } as const;
  const { id } = await engineer.call('POST /api/v1/suppressions', { body });
  await told.waitFor();
  const place = page.getByRole('main').getByRole('link', { name: /Annexe/ });
  await place.getByText(words.common.quiets.out_of_service).waitFor();
  await engineer.call('DELETE /api/v1/suppressions/{id}', { path: { id: id! } });
  await told.waitFor({ state: 'hidden' });
});

function rowOf(page: Page, source: string): Locator {
  return page.getByRole('list', { name: words.alarms.list }).getByRole('listitem').filter({ hasText: source });
}

function orderOf(page: Page): Promise<string[]> {
  return page.getByRole('list', { name: words.alarms.list }).getByRole('listitem').allInnerTexts();
}

function sourceOf(row: string): string | undefined {
  return /127[.\d]+_\d+/.exec(row)?.[0];
}
