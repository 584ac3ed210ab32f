// A server that nobody has an account on yet: one of its own each time, since it can be set up once.
import { words } from '../src/words';
import { health } from './harness/controls';
import { expect, journey } from './harness/journey';
import { PASSWORD, Server } from './harness/server';

journey('whoever has the setup token makes the first account, and is in', async ({ browser, onTestFinished }) => {
  const server = await Server.start();
  onTestFinished(() => server.end());
  const { page, faults, context } = await browser.visit(server.url, '');
  await page.getByRole('heading', { name: words.account.setupTitle }).waitFor();

  await page.getByLabel(words.account.setupToken).fill(server.setupToken);
  await page.getByLabel(words.account.name, { exact: true }).fill('anna');
  await page.getByLabel(words.account.password, { exact: true }).fill(PASSWORD);
  await page.getByLabel(words.account.passwordAgain, { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: words.account.setupSubmit }).click();

  await page.getByRole('navigation', { name: words.shell.pages }).getByText('anna, Administrator').waitFor();
  await health(page, words.shell.live).waitFor();
  expect(await page.title()).toContain(words.shell.overview);

  // Afterwards strangers are asked to log in, and told nothing of a setup.
  const stranger = await browser.visit(server.url, '');
  await stranger.page.getByRole('heading', { name: words.account.loginTitle }).waitFor();
  expect([...faults.found, ...stranger.faults.found]).toEqual([]);
  await context.close();
  await stranger.context.close();
});
