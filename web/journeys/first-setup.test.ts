// A server that nobody has an account on yet.
import { words } from '../src/words';
import { health } from './harness/controls';
import { expect, journey } from './harness/journey';
import { PASSWORD } from './harness/server';

journey('whoever has the setup token makes the first account, and is in', async ({ server, visit }) => {
  const { page } = await visit(undefined);
  await page.getByRole('heading', { name: words.account.setupTitle }).waitFor();

  await page.getByLabel(words.account.setupToken).fill(server.setupToken);
  await page.getByLabel(words.account.name, { exact: true }).fill('anna');
  await page.getByLabel(words.account.password, { exact: true }).fill(PASSWORD);
  await page.getByLabel(words.account.passwordAgain, { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: words.account.setupSubmit }).click();

  await page.getByRole('navigation', { name: words.shell.pages }).getByText('anna, Administrator').waitFor();
  await health(page, words.shell.live).waitFor();
  expect(await page.title()).toContain(words.shell.overview);
});

journey('afterwards strangers are asked to log in, and told nothing of a setup', async ({ visit }) => {
  const { page } = await visit(undefined);
  await page.getByRole('heading', { name: words.account.loginTitle }).waitFor();
});
