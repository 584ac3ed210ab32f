// What holds for every page, whatever it is about.
import type { Page } from 'playwright-core';
import { violations } from './axe';

/** What is wrong with a page as it stands: a line for each. */
export async function unsound(page: Page): Promise<string[]> {
  const found = await violations(page);
  const { headings, title, pageWidth, mainWidth, width } = await page.evaluate(() => {
    const main = document.querySelector('main');
    return {
      headings: document.querySelectorAll('main h1').length,
      title: document.title,
      pageWidth: document.documentElement.scrollWidth,
      mainWidth: main ? main.scrollWidth - main.clientWidth : 0,
      width: innerWidth,
    };
  });
  if (headings !== 1) found.push(`it has ${headings} headings of the first level`);
  if (title === '') found.push('it has no title');
  if (pageWidth > width) found.push(`it is ${pageWidth} px wide in a window of ${width} px`);
  if (mainWidth > 0) found.push(`its content is ${mainWidth} px wider than what is shown of it`);
  return found;
}
