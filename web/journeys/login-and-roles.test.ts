// Coming in, and what is offered to whom.
import { words } from '../src/words';
import { complaint, title, way } from './harness/controls';
import { expect, journey } from './harness/journey';
import { PASSWORD } from './harness/server';

journey(
  'a wrong password is refused in words, the right one leads to where the link pointed',
  async ({ server, visit }) => {
    await server.as('operator');
    const { page, faults } = await visit(undefined, '#/journal');
    faults.expect(/^401 for POST .*login$/);

    await page.getByLabel(words.account.name, { exact: true }).fill('operator');
    await page.getByLabel(words.account.password, { exact: true }).fill('not the four words');
    await page.getByRole('button', { name: words.account.loginSubmit }).click();
    await complaint(page).waitFor();

    await page.getByLabel(words.account.password, { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: words.account.loginSubmit }).click();
    await title(page, words.shell.journal).waitFor();
    expect(new URL(page.url()).hash).toBe('#/journal');
  },
);

journey('who logs out is out, in all tabs', async ({ visit }) => {
  const { page, context } = await visit('engineer', '#/account');
  const other = await context.newPage();
  await other.goto(page.url());
  await way(other, words.shell.overview).waitFor();

  await page.getByRole('button', { name: words.account.logout }).first().click();
  await page.getByRole('heading', { name: words.account.loginTitle }).waitFor();
  await other.getByRole('heading', { name: words.account.loginTitle }).waitFor();
});

journey('a viewer is offered nothing that a viewer may not do', async ({ server, visit }) => {
  const node = await server.node('127.6.0.2');
  node.post(7, 'FIRE', 0);

  const { page: operators } = await visit('operator', '#/alarms');
  const { page: viewers } = await visit('viewer', '#/alarms');
  const acknowledge = new RegExp(`^${words.alarms.acknowledge}`);
  for (const page of [operators, viewers])
    await page
      .getByRole('main')
      .getByRole('link', { name: node.key(7) })
      .waitFor();
  await operators.getByRole('button', { name: acknowledge }).first().waitFor();
  await operators.getByRole('button', { name: words.emergency.button }).waitFor();
  expect(await viewers.getByRole('button', { name: acknowledge }).count()).toBe(0);
  expect(await viewers.getByRole('button', { name: words.emergency.button }).count()).toBe(0);

  const { page: admins } = await visit('admin');
  const people = { name: words.shell.people };
  await admins.getByRole('navigation').getByRole('link', people).waitFor();
  expect(await viewers.getByRole('navigation').getByRole('link', people).count()).toBe(0);
});
