// An emergency that a person raises by hand, and ends.
import { words } from '../src/words';
import { build } from './harness/building';
import { expect, journey } from './harness/journey';

/** The second press is not the first one's echo. */
const BETWEEN_PRESSES_MS = 700;

journey(
  'an emergency is raised by two deliberate presses, seen by all, and ended by hand',
  async ({ server, visit }) => {
    await build(server);
    const { page } = await visit('operator', '#/alarms');
    const { page: others } = await visit('viewer', '#/overview');

    await page.getByRole('button', { name: words.emergency.button }).click();
    const dialog = page.getByRole('dialog', { name: words.emergency.title });
    await dialog.getByRole('radio', { name: words.common.emergencies.extreme_weather }).check();
    await dialog.getByLabel(words.emergency.where).selectOption('ground');
    await dialog.getByLabel(words.emergency.note).fill('Trees are falling');
    await dialog.getByRole('button', { name: words.emergency.title }).dblclick();
    const admin = await server.as('admin');
    expect((await admin.call('GET /api/v1/alarms')).items, 'a double press is one press').toEqual([]);
    await page.waitForTimeout(BETWEEN_PRESSES_MS);
    await dialog.getByRole('button', { name: words.emergency.again }).click();

    await dialog.waitFor({ state: 'hidden' });
    const end = page.getByRole('button', { name: new RegExp(`^${words.alarms.endEmergency}`) }).first();
    await end.waitFor();
    await others.getByRole('banner').getByRole('link', { name: '1 Alarm' }).waitFor();

    await page
      .getByRole('button', { name: new RegExp(`^${words.alarms.acknowledge}`) })
      .first()
      .click();
    await end.click();
    await end.waitFor({ state: 'hidden' });
    await others.getByRole('banner').getByRole('link', { name: '0 Alarm' }).waitFor();
  },
);

journey('an emergency that was not meant is cancelled, and nobody hears of it', async ({ server, visit }) => {
  const { page } = await visit('operator');
  await page.getByRole('button', { name: words.emergency.button }).click();
  const dialog = page.getByRole('dialog', { name: words.emergency.title });
  await dialog.getByRole('radio', { name: words.common.emergencies.fire }).check();
  await dialog.getByRole('button', { name: words.emergency.title }).click();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  expect((await (await server.as('admin')).call('GET /api/v1/alarms')).items).toEqual([]);
});
