// What axe has against a page as it stands: WCAG 2.2 A and AA, and what is good practice.
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A line for each element that is at fault. */
export async function violations(page: Page): Promise<string[]> {
  // The debugger puts it in, so that the content policy can stay as it is.
  await page.evaluate(axe.source);
  return page.evaluate(async (tags) => {
    const { violations } = await window.axe.run({ runOnly: tags });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary?.replaceAll('\n', ' ')}`),
    );
  }, TAGS);
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}
