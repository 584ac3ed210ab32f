// What people look for on the dashboard, as they would tell each other of it: by its role and its name.
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { words } from '../../src/words';
import type { Class } from '../../src/api/types';
import { PASSWORD } from './server';

/** Whether the page hears the server. */
export function health(page: Page, word: string): Locator {
  return page.getByRole('banner').getByRole('status').filter({ hasText: word });
}

/** So many alarms of a class, in the header of every page. */
export function count(page: Page, shown: number, of: Class): Locator {
  return page.getByRole('banner').getByRole('link', { name: new RegExp(`^${shown} ${words.common.classes[of]}`) });
}

/** A button that does something about an alarm; the first, where it is shown more than once. */
export function action(page: Page, word: string, what = ''): Locator {
  return page
    .getByRole('main')
    .getByRole('button', { name: new RegExp(`^${escaped(word)}: .*${escaped(what)}`) })
    .filter({ visible: true })
    .first();
}

/** Comes in, as people do it. */
export async function logIn(page: Page, name: string): Promise<void> {
  await page.getByLabel(words.account.name, { exact: true }).fill(name);
  await page.getByLabel(words.account.password, { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: words.account.loginSubmit, exact: true }).click();
}

/** A link of the navigation. */
export function way(page: Page, word: string): Locator {
  return page.getByRole('navigation', { name: words.shell.pages }).getByRole('link', { name: word, exact: true });
}

export function title(page: Page, word: string): Locator {
  return page.getByRole('heading', { level: 1, name: word });
}

export function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** What the page says has gone wrong. */
export function complaint(page: Page): Locator {
  return page.getByRole('alert').filter({ hasText: /\S/ });
}

/** What is in the file that the browser saves when somebody does this. */
export async function downloaded(page: Page, act: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return readFile(await download.path(), 'utf8');
}
