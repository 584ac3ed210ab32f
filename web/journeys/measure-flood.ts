// How smooth the alarms' page and the overview stay while 2,000 alarms come at once, and while somebody looks through them. Each has
// a server of its own: a part of `npm run measure`, and alone with ONLY=flood.
import type { Page } from 'playwright-core';
import type { Browser } from './harness/browser';
import { build } from './harness/building';
import type { SensorNode } from './harness/node';
import { Server } from './harness/server';
import { busy, traced } from './harness/trace';

const ALARMS = 2_000;
/** A sensor's number is a byte. */
const SENSORS_OF_NODE = 200;
/** In degrees Fahrenheit: all is well, and great heat. */
const [COOL, HOT] = [70, 150];
/** The alarms come within the first, and are looked through within the second. */
const TRACE_MS = 15_000;
/** A turn of the wheel, and how often somebody turns it. */
const WHEEL = 700;
const TURN_EVERY_MS = 80;

export async function measureFlood(browser: Browser, note: (what: string, told: string, bar: string) => void) {
  for (const [place, name] of [
    ['#/alarms', 'alarms'],
    ['#/overview', 'overview'],
  ] as const) {
    const server = await Server.start();
    try {
      await build(server);
      const nodes = await calm(server);
      const { page, context } = await browser.visit(server.url, place, { as: await server.as('operator') });
      const cdp = await context.newCDPSession(page);
      await page.locator('main h1').waitFor();
      await page.waitForTimeout(3_000);

      const began = Date.now();
      const coming = traced(cdp, TRACE_MS);
      for (const node of nodes) post(node, HOT);
      await shown(page, ALARMS);
      const took = Date.now() - began;
      const came = busy(await coming, TRACE_MS);
      note(`all of ${ALARMS} alarms shown, ${name}`, `${took} ms`, 'for information');
      note(`longest task while ${ALARMS} alarms come, ${name}`, `${came.longestMs.toFixed(0)} ms`, 'at most 50 ms');

      const looking = traced(cdp, TRACE_MS);
      await lookThrough(page, TRACE_MS);
      const looked = busy(await looking, TRACE_MS);
      note(`longest task while scrolling through them, ${name}`, `${looked.longestMs.toFixed(0)} ms`, 'at most 50 ms');
      note(`main thread while scrolling, ${name}`, `${(looked.share * 100).toFixed(1)} % busy`, 'for information');
      await context.close();
    } finally {
      await server.end();
    }
  }
}

/** Nodes with as many sensors as there are to be alarms, none of which is hot yet. */
async function calm(server: Server): Promise<SensorNode[]> {
  const nodes: SensorNode[] = [];
  for (let at = 0; at < ALARMS / SENSORS_OF_NODE; at += 1) nodes.push(await server.node(`127.6.20.${at + 2}`));
  for (const node of nodes) post(node, COOL);
  const viewer = await server.as('viewer');
  await viewer.until('GET /api/v1/health', {}, ({ sensors }) => sensors >= ALARMS, 60_000);
  return nodes;
}

function post(node: SensorNode, value: number): void {
  for (let id = 1; id <= SENSORS_OF_NODE; id += 1) node.post(id, 'TEMPERATURE', value);
}

/** Waits until the header counts so many. */
async function shown(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    (all) => Number(document.querySelector('[data-count="alarm"] b')?.textContent) >= all,
    count,
    { timeout: 60_000, polling: 100 },
  );
}

/** Down and up again, with the wheel, over what is listed. */
async function lookThrough(page: Page, forMs: number): Promise<void> {
  const { width, height } = page.viewportSize()!;
  await page.mouse.move(width / 2, height / 2);
  const until = Date.now() + forMs - 1_000;
  for (let turn = 0; Date.now() < until; turn += 1) {
    await page.mouse.wheel(0, turn % 40 < 25 ? WHEEL : -WHEEL);
    await page.waitForTimeout(TURN_EVERY_MS);
  }
}
