// Somebody who has a keyboard and nothing else.
import type { Locator, Page } from 'playwright-core';

/** No page has so many things to stop at before what somebody looks for. */
const STOPS_MAX = 150;

/** Presses Tab until this has the focus. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let stops = 0; stops < STOPS_MAX; stops += 1) {
    if (await hasFocus(target)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never comes to ${target}`);
}

/** Goes to it, and presses a key there. */
export async function pressOn(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Goes to a field, and writes into it in place of what is there. */
export async function writeInto(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(text);
}

export function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === document.activeElement);
}

/** Stops at everything on a page that Tab comes to, and tells what shows no sign of the focus. */
export async function unmarkedStops(page: Page, stopsMax = STOPS_MAX): Promise<string[]> {
  const unmarked: string[] = [];
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  for (let stops = 0; stops < stopsMax; stops += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return undefined;
      const isFirst = !element.hasAttribute('data-stopped');
      element.setAttribute('data-stopped', '');
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      const isMarked = (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
      return { isFirst, isMarked, what: element.outerHTML.slice(0, 200) };
    });
    if (!stop || !stop.isFirst) break;
    if (!stop.isMarked) unmarked.push(stop.what);
  }
  return unmarked;
}
