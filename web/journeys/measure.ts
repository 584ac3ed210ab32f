// How light the dashboard is: `npm run measure`. Against the server that POE_BIN names, which should be a release build. It takes
// about fifteen minutes, most of them for the memory; MINUTES=1 is a first look, and ONLY=flood measures 2,000 alarms alone.
import type { CDPSession, Page } from 'playwright-core';
import { words } from '../src/words';
import { Browser } from './harness/browser';
import { build, PLAN } from './harness/building';
import type { Client } from './harness/client';
import { title } from './harness/controls';
import { POE } from './harness/paths';
import { Program } from './harness/program';
import { Server } from './harness/server';
import { busy, traced } from './harness/trace';
import { measureFlood } from './measure-flood';

const TRACE_MS = 30_000;
const MINUTES = Number(process.env.MINUTES ?? 10);
/** Each simulated node has 21 sensors. */
const NODES_OF_1_000 = 48;
const NODES_OF_10_000 = 477;
/** What somebody could place on one plan. */
const PLACED = 500;
const TRIES = 5;

const rows: [string, string, string][] = [];

function note(what: string, measured: string, bar: string): void {
  rows.push([what, measured, bar]);
  console.log(`${what}: ${measured} (${bar})`);
}

/** Has simulated nodes send all their readings every 2 s, and waits until the server knows them all. */
async function load(server: Server, viewer: Client, nodes: number): Promise<Program> {
  const to = ['--connect', `127.0.0.1:${server.nodePort}`];
  const fleet = new Program(POE, ['simulate', '-c', String(nodes), '-p', '-1', '-t', '2', ...to]);
  await viewer.until('GET /api/v1/health', {}, (health) => health.sensors >= nodes * 21, 60_000);
  return fleet;
}

async function firstLoad(browser: Browser, server: Server, viewer: Client): Promise<void> {
  const { page, context } = await browser.visit('about:blank', '', {});
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  const types = new Map<string, string>();
  let [scripts, all] = [0, 0];
  network.on('Network.responseReceived', ({ requestId, type }) => void types.set(requestId, type));
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    all += encodedDataLength;
    if (['Script', 'Stylesheet'].includes(types.get(requestId) ?? '')) scripts += encodedDataLength;
  });
  await context.addCookies([{ ...viewer.cookie, url: server.url }]);
  await page.goto(server.url);
  await title(page, words.shell.overview).waitFor();
  await page.waitForTimeout(2_000);
  note('compressed script and style at first load', `${(scripts / 1_024).toFixed(0)} KB`, 'at most 200 KB');
  note('all that is loaded first', `${(all / 1_024).toFixed(0)} KB`, 'for information');
  await context.close();
}

/** From the address to the rows of a table, each time with nothing in the cache. */
async function firstView(browser: Browser, server: Server, viewer: Client): Promise<void> {
  for (const [place, name] of [
    ['#/sensors', 'sensors'],
    ['#/overview', 'overview'],
  ] as const) {
    const took: number[] = [];
    for (let time = 0; time < TRIES; time += 1) {
      const { page, context } = await browser.visit('about:blank', '', {});
      await context.addCookies([{ ...viewer.cookie, url: server.url }]);
      await page.goto(`${server.url}${place}`, { waitUntil: 'commit' });
      const usable = await page.waitForFunction(
        () => document.querySelectorAll('main .live-value').length > 5 && performance.now(),
        undefined,
        { polling: 'raf' },
      );
      took.push((await usable.jsonValue()) as number);
      await context.close();
    }
    took.sort((a, b) => a - b);
    note(
      `first usable view, 1,000 sensors, ${name}`,
      `${took[Math.floor(TRIES / 2)]!.toFixed(0)} ms, at worst ${took.at(-1)!.toFixed(0)} ms`,
      'at most 1 s',
    );
  }
}

async function mainThread(page: Page, cdp: CDPSession, server: Server): Promise<void> {
  for (const [place, name] of [
    ['#/sensors', 'sensors'],
    [`#/plans/${PLAN}`, `plan with ${PLACED} sensors`],
    ['#/overview', 'overview'],
    ['#/nodes', 'nodes'],
    ['#/alarms', 'alarms'],
  ] as const) {
    await page.goto(`${server.url}${place}`);
    await page.waitForTimeout(5_000);
    const { share, longestMs } = busy(await traced(cdp, TRACE_MS), TRACE_MS);
    note(`main thread, 10,000 sensors every 2 s, ${name}`, `${(share * 100).toFixed(1)} % busy`, 'at most 30 %');
    note(`longest task, ${name}`, `${longestMs.toFixed(0)} ms`, 'at most 50 ms');
  }
}

/** What is left in memory once all garbage is gone, minute by minute. */
async function memory(page: Page, cdp: CDPSession, server: Server): Promise<void> {
  await page.goto(`${server.url}#/sensors`);
  const sizes: number[] = [];
  for (let minute = 0; minute <= MINUTES; minute += 1) {
    await page.waitForTimeout(minute === 0 ? 10_000 : 60_000);
    await cdp.send('HeapProfiler.collectGarbage');
    const { usedSize } = await cdp.send('Runtime.getHeapUsage');
    sizes.push(usedSize / 1_048_576);
  }
  const told = sizes.map((size) => size.toFixed(1)).join(', ');
  note(`heap after each of ${MINUTES} minutes, 10,000 sensors`, `${told} MiB`, 'flat');
}

/** Puts sensors all over the plan. */
async function place(engineer: Client): Promise<void> {
  const { items } = await engineer.call('GET /api/v1/sensors', { query: { limit: PLACED } });
  const placements = items.map(({ ip_id: source }, index) => ({
    source,
    x: ((index % 25) + 0.5) / 25,
    y: (Math.floor(index / 25) + 0.5) / 20,
  }));
  await engineer.call('PUT /api/v1/plans/{name}', { path: { name: PLAN }, body: { placements, zones: [] } });
}

async function sensors(browser: Browser): Promise<void> {
  const server = await Server.start();
  const programs: Program[] = [];
  try {
    await build(server);
    const viewer = await server.as('viewer');
    programs.push(await load(server, viewer, NODES_OF_1_000));
    await firstLoad(browser, server, viewer);
    await firstView(browser, server, viewer);

    await programs[0]!.end();
    programs.push(await load(server, viewer, NODES_OF_10_000));
    await place(await server.as('engineer'));
    const { page, context } = await browser.visit(server.url, '#/sensors', { as: viewer });
    const cdp = await context.newCDPSession(page);
    await mainThread(page, cdp, server);
    await memory(page, cdp, server);
    await context.close();
  } finally {
    for (const program of programs) await program.end();
    await server.end();
  }
}

const browser = await Browser.launch();
try {
  if (process.env.ONLY !== 'flood') await sensors(browser);
  await measureFlood(browser, note);
} finally {
  await browser.end();
}
console.log(`\n| what | measured | bar |\n| --- | --- | --- |`);
for (const row of rows) console.log(`| ${row.join(' | ')} |`);
