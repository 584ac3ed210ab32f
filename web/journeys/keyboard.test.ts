// The whole way of an operator, from the login to the reset, by somebody who has a keyboard and nothing else.
import { words } from '../src/words';
import { build } from './harness/building';
import { action, count, title } from './harness/controls';
import { expect, journey } from './harness/journey';
import { hasFocus, pressOn, tabTo, writeInto } from './harness/keyboard';
import { PASSWORD } from './harness/server';

/** The second press is not the first one's echo. */
const BETWEEN_PRESSES_MS = 700;

journey('login, alarms, acknowledge, reset, emergency, journal and help need no mouse', async ({ server, visit }) => {
  await build(server);
  await server.as('operator');
  const node = await server.node('127.6.11.2');
  node.post(7, 'FIRE', 0);

  const { page } = await visit(undefined);
  await writeInto(page, page.getByLabel(words.account.name, { exact: true }), 'operator');
  await writeInto(page, page.getByLabel(words.account.password, { exact: true }), PASSWORD);
  await page.keyboard.press('Enter');
  await title(page, words.shell.overview).waitFor();

  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await title(page, words.shell.alarms).waitFor();
  await pressOn(page, action(page, words.alarms.acknowledge));
  await action(page, words.alarms.acknowledge).waitFor({ state: 'hidden' });
  node.post(7, 'FIRE', 1);
  await action(page, words.alarms.reset).waitFor();
  await pressOn(page, action(page, words.alarms.reset), ' ');
  await count(page, 0, 'alarm')
    .filter({ hasNotText: words.shell.past(1) })
    .waitFor();

  await page.keyboard.press('!');
  const dialog = page.getByRole('dialog', { name: words.emergency.title });
  await tabTo(page, dialog.getByRole('radio', { name: words.common.emergencies.fire }));
  await page.keyboard.press(' ');
  await pressOn(page, dialog.getByRole('button', { name: words.emergency.title }));
  await page.waitForTimeout(BETWEEN_PRESSES_MS);
  await pressOn(page, dialog.getByRole('button', { name: words.emergency.again }));
  await dialog.waitFor({ state: 'hidden' });
  // The list stands still under the keyboard, and takes in what is new when it is told to.
  await count(page, 1, 'alarm').waitFor();
  await page.keyboard.press('n');
  await pressOn(page, action(page, words.alarms.endEmergency));
  await action(page, words.alarms.endEmergency).waitFor({ state: 'hidden' });

  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: words.shell.help });
  await help.waitFor();
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });

  await page.keyboard.press('g');
  await page.keyboard.press('j');
  const raised = page.getByRole('link', { name: words.journal.kinds['alarm.raised'] }).first();
  await pressOn(page, raised);
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => hasFocus(raised), { message: 'a dialog gives the focus back' }).toBe(true);
});

journey(
  'every page can be reached by Tab and Enter, and the content without passing the navigation',
  async ({ visit }) => {
    const { page } = await visit('admin');
    const navigation = page.getByRole('navigation', { name: words.shell.pages });
    await title(page, words.shell.overview).waitFor();
    for (const word of await navigation.getByRole('link').allInnerTexts()) {
      await pressOn(page, navigation.getByRole('link', { name: word.trim(), exact: true }));
      await page.locator('main h1').waitFor();
    }
    await page.reload();
    await page.locator('main h1').waitFor();
    await page.keyboard.press('Tab');
    expect(await hasFocus(page.getByRole('button', { name: words.shell.skip }))).toBe(true);
    await page.keyboard.press('Enter');
    expect(await hasFocus(page.getByRole('main'))).toBe(true);
  },
);
