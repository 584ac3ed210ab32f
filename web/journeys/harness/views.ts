// Every page, and every state of it that has a look of its own.
import type { Page } from 'playwright-core';
import { words } from '../../src/words';

export interface View {
  name: string;
  place: string;
  /** What somebody does there first. */
  then?: (page: Page) => Promise<void>;
}

/** What there is to look at closely. */
export interface Things {
  node: string;
  sensor: string;
  /** An alarm that nobody has acknowledged. */
  alarm: number;
  plan: string;
}

/** All of them, as an administrator sees them. */
export function views({ node, sensor, alarm, plan }: Things): View[] {
  const press = (name: string) => (page: Page) => page.getByRole('button', { name, exact: true }).first().click();
  return [
    { name: 'overview', place: '#/overview' },
    { name: 'wall', place: '#/overview?wall=true' },
    { name: 'plans', place: '#/plans?all=true' },
    { name: 'plan', place: `#/plans/${plan}` },
    { name: 'plan-editor', place: `#/plans/${plan}?edit=true` },
    { name: 'alarms', place: '#/alarms' },
    { name: 'alarm', place: `#/alarms/${alarm}` },
    { name: 'suppressed', place: '#/alarms?show=quiet' },
    { name: 'nodes', place: '#/nodes' },
    { name: 'node', place: `#/nodes/${node}` },
    { name: 'sensors', place: '#/sensors' },
    { name: 'sensor', place: `#/sensors/${sensor}` },
    { name: 'journal', place: '#/journal' },
    { name: 'system', place: '#/system' },
    ...['latency', 'targets', 'rules', 'building', 'data'].map((tab) => ({
      name: `system-${tab}`,
      place: `#/system?tab=${tab}`,
    })),
    { name: 'people', place: '#/people' },
    { name: 'reference', place: '#/reference' },
    { name: 'account', place: '#/account' },
    { name: 'no-such-page', place: '#/nowhere' },
    { name: 'emergency', place: '#/overview', then: press(words.emergency.button) },
    { name: 'help', place: '#/overview', then: (page) => page.keyboard.press('?') },
  ];
}

/** Goes there, and waits until it has nothing more to load. */
export async function show(page: Page, url: string, { place, then }: View): Promise<void> {
  await page.keyboard.press('Escape');
  await page.goto(`${url}${place}`);
  await settled(page);
  await then?.(page);
}

export async function settled(page: Page): Promise<void> {
  await page.locator('main').first().waitFor();
  // Readings are shown as old until they have been told anew.
  await page.locator('html:not([data-feed="behind"])').waitFor({ state: 'attached' });
  const loading = page.getByRole('status').filter({ hasText: words.common.loading });
  for (let calm = 0; calm < 3;) {
    calm = (await loading.count()) === 0 ? calm + 1 : 0;
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 30))));
  }
}
