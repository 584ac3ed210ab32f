// Every page as people see it, of the demo building, light and dark, on a desk and in a hand: `make screenshots`. All of them go
// into target/screenshots; the best into docs/screenshots.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { Alarm } from '../src/api/types';
import { Browser } from './harness/browser';
import { SCREENSHOTS, SCREENSHOTS_OF_DOCS } from './harness/paths';
import { Server } from './harness/server';
import { settled, show, views, type Things, type View } from './harness/views';

/** By their names: page, theme, and where it is looked at. */
const BEST = [
  'overview-light-desktop',
  'overview-dark-desktop',
  'plan-light-desktop',
  'plan-dark-desktop',
  'plan-light-phone',
  'wall-dark-desktop',
  'alarms-light-desktop',
  'alarms-dark-phone',
  'sensor-light-desktop',
  'sensor-dark-desktop',
  'nodes-light-desktop',
  'journal-light-desktop',
];
/** The first alarm of the demo comes within this. */
const STORY_BEGINS_MS = 180_000;
/** Of the nodes of the demo. */
const FLAME_INPUT = 7;

async function shoot(page: Page, url: string, view: View, name: string): Promise<void> {
  await show(page, url, view);
  await settled(page);
  await page.waitForTimeout(700);
  await page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, animations: 'disabled' });
}

/** The demo's story begins with a smoking pan; here it catches fire for a moment. */
async function somethingToSee(server: Server): Promise<Things> {
  const admin = await server.as('admin');
  const isSmoking = ({ items }: { items: Alarm[] }) => items.some(({ source_kind }) => source_kind === 'sensor');
  const [smoke] = (await admin.until('GET /api/v1/alarms', {}, isSmoking, STORY_BEGINS_MS)).items;
  const sensor = smoke!.source;
  const node = sensor.slice(0, sensor.lastIndexOf('_'));
  const flame = await server.node(node);
  flame.fallSilent();
  flame.post(FLAME_INPUT, 'FIRE', 0);
  const isBurning = ({ items }: { items: Alarm[] }) => items.some(({ rule }) => rule === 'fire');
  const alarms = (await admin.until('GET /api/v1/alarms', {}, isBurning)).items;
  const alarm = alarms.find(({ rule }) => rule === 'fire')!.id;

  for (const { name } of (await admin.call('GET /api/v1/plans')).items) {
    const { placements } = await admin.call('GET /api/v1/plans/{name}', { path: { name } });
    if (placements.some(({ source }) => source === node || source === sensor))
      return { node, sensor, alarm, plan: name };
  }
  throw new Error(`${node} is on no plan of the demo`);
}

rmSync(SCREENSHOTS, { recursive: true, force: true });
mkdirSync(SCREENSHOTS, { recursive: true });
mkdirSync(SCREENSHOTS_OF_DOCS, { recursive: true });
const server = await Server.start('--demo');
const browser = await Browser.launch();
try {
  const admin = await server.as('admin');
  const all = views(await somethingToSee(server));
  for (const theme of ['light', 'dark'] as const) {
    for (const phone of [false, true]) {
      const { page, context } = await browser.visit(server.url, '', { as: admin, theme, phone, reducedMotion: true });
      // A browser that nobody has touched asks whether it may be heard.
      await page.getByRole('banner').click({ position: { x: 2, y: 2 } });
      for (const view of all)
        await shoot(page, server.url, view, `${view.name}-${theme}-${phone ? 'phone' : 'desktop'}`);
      await context.close();
    }
  }
  for (const name of BEST) copyFileSync(`${SCREENSHOTS}/${name}.png`, `${SCREENSHOTS_OF_DOCS}/${name}.png`);
  console.log(`all are in ${SCREENSHOTS}, the best in ${SCREENSHOTS_OF_DOCS}`);
} finally {
  await browser.end();
  await server.end();
}
