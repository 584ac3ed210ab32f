// A session that ends while somebody is at work, or while nobody is there.
import type { Page } from 'playwright-core';
import { words } from '../src/words';
import { build, nameSensor, place, PLAN } from './harness/building';
import { complaint, health, logIn, title } from './harness/controls';
import { expect, journey } from './harness/journey';
import { hasFocus } from './harness/keyboard';
import { PASSWORD, type Server } from './harness/server';

journey(
  'a plan that was being changed is still there after a login over it, and is saved',
  async ({ server, visit }) => {
    await build(server);
    const node = await server.node('127.6.13.2');
    node.post(7, 'FIRE', 1);
    const admin = await server.as('admin');
    await admin.until('GET /api/v1/sensors/{ip_id}', { path: { ip_id: node.key(7) } }, () => true);
    await nameSensor(server, node.key(7), 'Over the stove');
    await place(server, [{ key: node.key(7), x: 0.75, y: 0.5 }]);
    const { page, faults } = await visit('engineer', `#/plans/${PLAN}?edit=true`);
    faults.expect(/^401 for /);
    await removeMarker(page);

    await endSessions(server, 'engineer');
    await dialog(page).waitFor();
    await complaint(page).filter({ hasText: words.shell.unwatched }).waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.feed)).toBe('lost');
    for (let time = 0; time < 3; time += 1) await page.keyboard.press('Escape');
    expect(await dialog(page).isVisible()).toBe(true);
    expect(await hasFocus(password(page))).toBe(true);
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');

    await dialog(page).waitFor({ state: 'hidden' });
    await health(page, words.shell.live).waitFor();
    expect(await marker(page).count()).toBe(0);
    await page.getByRole('button', { name: words.common.save, exact: true }).click();
    await page.getByText(words.plans.saved).waitFor();
    const saved = await admin.call('GET /api/v1/plans/{name}', { path: { name: PLAN } });
    expect(saved.placements).toEqual([]);
  },
);

journey('somebody else who comes in over a page finds one that knows nothing of it', async ({ server, visit }) => {
  await server.as('operator');
  const { page, faults } = await visit('viewer', '#/alarms');
  faults.expect(/^401 for /);
  await health(page, words.shell.live).waitFor();
  await page.evaluate(() => (document.body.dataset.loaded = 'once'));
  await endSessions(server, 'viewer');
  await dialog(page).waitFor();

  await logIn(page, 'operator');
  await page.getByRole('button', { name: words.emergency.button }).waitFor();
  await health(page, words.shell.live).waitFor();
  expect(await page.evaluate(() => document.body.dataset.loaded)).toBeUndefined();
});

journey('a wall whose session ends says so, also to those who do not look', async ({ server, visit }) => {
  const { page, faults } = await visit('operator', '#/overview?wall=true');
  faults.expect(/^401 for /);
  await page.getByRole('main').click({ position: { x: 5, y: 5 } });
  await health(page, words.shell.live).waitFor();
  await endSessions(server, 'operator');
  await dialog(page).getByText(words.shell.unwatched).waitFor();
  const sounding = page.locator('body[data-sounding="unwatched"]');
  await sounding.waitFor();
  await dialog(page).getByRole('button', { name: words.shell.silenceCall }).click();
  await sounding.waitFor({ state: 'detached' });

  // A page that is opened anew shows nothing of what was there.
  await page.reload();
  await title(page, words.account.loginTitle).waitFor();
  expect(await dialog(page).count()).toBe(0);
});

const dialog = (page: Page) => page.getByRole('dialog', { name: words.account.loginTitle });
const password = (page: Page) => dialog(page).getByLabel(words.account.password, { exact: true });

function marker(page: Page) {
  const plan = page.getByRole('application', { name: words.plans.canvas('Ground floor') });
  return plan.getByRole('button', { name: /Over the stove/ });
}

async function removeMarker(page: Page): Promise<void> {
  await marker(page).focus();
  await page.keyboard.press('Delete');
  await marker(page).waitFor({ state: 'hidden' });
}

/** As an administrator does it, wherever the user is. */
async function endSessions(server: Server, of: string): Promise<void> {
  const admin = await server.as('admin');
  const { items } = await admin.call('GET /api/v1/sessions');
  for (const { id, user } of items) {
    if (user === of) await admin.call('DELETE /api/v1/sessions/{id}', { path: { id } });
  }
}
