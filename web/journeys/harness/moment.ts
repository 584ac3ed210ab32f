import type { Locator } from 'playwright-core';

/** Presses a button at a moment, so that several people press theirs at once. */
export function pressAt(button: Locator, at: number): Promise<void> {
  return button.evaluate((element, moment) => {
    setTimeout(() => (element as HTMLElement).click(), moment - Date.now());
  }, at);
}
