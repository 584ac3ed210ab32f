// A server that hangs: its connections stay, and nothing comes any more.
import type { Locator, Page } from 'playwright-core';
import { words } from '../src/words';
import { build, describe, place, PLAN } from './harness/building';
import { complaint, health } from './harness/controls';
import { expect, journey } from './harness/journey';

/** A stale value must not look alive for longer. */
const TOLD_WITHIN_MS = 5_000;
const [LOST] = words.shell.lostFor('|').split('|') as [string];

journey(
  'a lost feed is told within 5 s, values fade, and all comes back without a reload',
  async ({ server, visit }) => {
    const node = await server.node('127.6.1.2');
    node.post(4, 'TEMPERATURE', 71);
    const { page } = await visit('viewer', '#/sensors');
    const value = page.locator('main .live-value').filter({ hasText: '71' }).first();
    await expect.poll(() => looksAlive(value)).toBe(true);
    await health(page, words.shell.live).waitFor();
    await page.evaluate(() => (document.body.dataset.loaded = 'once'));

    server.freeze();
    const frozen = Date.now();
    await complaint(page).filter({ hasText: LOST }).waitFor();
    expect(Date.now() - frozen).toBeLessThan(TOLD_WITHIN_MS);
    await health(page, words.shell.lost).waitFor();
    expect(await looksAlive(value)).toBe(false);
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText(LOST).waitFor();
    await page.keyboard.press('Escape');

    node.post(4, 'TEMPERATURE', 73);
    server.thaw();
    await health(page, words.shell.live).waitFor();
    await complaint(page).waitFor({ state: 'hidden' });
    const newer = page.locator('main .live-value').filter({ hasText: '73' }).first();
    await newer.waitFor();
    await expect.poll(() => looksAlive(newer)).toBe(true);
    expect(await page.evaluate(() => document.body.dataset.loaded)).toBe('once');
  },
);

journey('a lost feed stops what flashes, and takes the colour off zones', async ({ server, visit }) => {
  await build(server);
  const node = await server.node('127.6.1.3');
  node.post(7, 'FIRE', 0);
  await describe(server, node, 'stove', 'east');
  await place(server, [{ key: `${node.address}_7`, x: 0.7, y: 0.5 }]);
  const { page } = await visit('viewer', `#/plans/${PLAN}`);
  const zone = page.locator('[data-zone="east"].alarm');
  await zone.waitFor();
  await expect.poll(() => looksAlive(zone)).toBe(true);
  await expect.poll(() => flashing(page)).toBeGreaterThan(2);

  server.freeze();
  await health(page, words.shell.lost).waitFor();
  expect(await looksAlive(zone)).toBe(false);
  expect(await flashing(page)).toBe(0);
  server.thaw();
  await health(page, words.shell.live).waitFor();
  await expect.poll(() => flashing(page)).toBeGreaterThan(2);
});

function flashing(page: Page): Promise<number> {
  return page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length);
}

/** Whether nothing about it, or about what it is in, tells that it is old: it is not faded, and no broken line is below it. */
function looksAlive(value: Locator): Promise<boolean> {
  return value.evaluate((element) => {
    for (let at: Element | null = element; at; at = at.parentElement) {
      const { opacity, filter, textDecorationStyle } = getComputedStyle(at);
      if (Number(opacity) < 1 && filter !== 'none' && textDecorationStyle === 'dashed') return false;
    }
    return true;
  });
}
