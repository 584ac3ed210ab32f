// Every page on a desk and in a hand: two files of journeys have it, one for each theme, so that they run beside each other.
import { DESKTOP, PHONE } from './browser';
import { furnish } from './furnished';
import { expect, journey } from './journey';
import { unmarkedStops } from './keyboard';
import { unsound } from './soundness';
import { show, views } from './views';

export function everyPageIn(theme: 'light' | 'dark'): void {
  journey(
    `every page is sound in ${theme}, on a desk and in a hand, and shows where the keyboard is`,
    async ({ server, visit }) => {
      const furnished = await furnish(server);
      const { page } = await visit('admin', '', { theme, reducedMotion: true });
      const found: string[] = [];
      for (const view of views(furnished)) {
        await page.setViewportSize(DESKTOP);
        await show(page, server.url, view);
        found.push(...(await unsound(page)).map((fault) => `${view.name}, desktop: ${fault}`));
        found.push(
          ...(await unmarkedStops(page, STOPS)).map((stop) => `${view.name}: no sign of the focus on ${stop}`),
        );
        await page.setViewportSize(PHONE);
        found.push(...(await unsound(page)).map((fault) => `${view.name}, phone: ${fault}`));
      }
      expect(found).toEqual([]);
    },
    120_000,
  );
}

/** Enough to get through the shell and well into the page. */
const STOPS = 40;
