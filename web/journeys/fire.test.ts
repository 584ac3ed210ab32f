// A flame, from the wire to whoever watches the plan, until all is normal again.
import { words } from '../src/words';
import { build, describe, nameSensor, place, PLAN } from './harness/building';
import { action, count } from './harness/controls';
import { expect, journey } from './harness/journey';
import { PASSWORD } from './harness/server';
import { listen, seenAndHeard, wasHeard, watchForFlash } from './harness/sight';

/** From the node's write to the eye and the ear. */
const SEEN_AND_HEARD_WITHIN_MS = 500;

journey(
  'a flame flashes on the plan and sounds within 500 ms, is acknowledged, stays latched, is reset',
  async ({ server, visit }) => {
    await build(server);
    const node = await server.node('127.6.6.2');
    node.post(7, 'FIRE', 1);
    await describe(server, node, 'Kitchen', 'east');
    await nameSensor(server, node.key(7), 'Over the stove');
    await place(server, [{ key: node.key(7), x: 0.75, y: 0.5 }]);
    await server.as('operator');

    // Logged in as people do it: the browser lets a page be heard that somebody has touched.
    const { page, context } = await visit(undefined, `#/plans/${PLAN}`);
    await listen(context);
    await page.reload();
    await page.getByLabel(words.account.name, { exact: true }).fill('operator');
    await page.getByLabel(words.account.password, { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: words.account.loginSubmit }).click();
    const plan = page.getByRole('application', { name: words.plans.canvas('Ground floor') });
    const marker = plan.getByRole('button', { name: /Over the stove/ });
    await marker.waitFor();
    expect(await marker.getAttribute('aria-label')).toContain(words.common.statuses.normal);

    await watchForFlash(page, '[role="application"]');
    const lit = node.post(7, 'FIRE', 0);
    const { seenMs, heardMs } = await seenAndHeard(page, lit);
    console.log(`a flame was seen after ${Math.round(seenMs)} ms and heard after ${Math.round(heardMs)} ms`);
    expect(seenMs).toBeLessThan(SEEN_AND_HEARD_WITHIN_MS);
    expect(heardMs).toBeLessThan(SEEN_AND_HEARD_WITHIN_MS);
    await count(page, 1, 'alarm').waitFor();
    expect(await page.title()).toMatch(/^\(1\)/);

    await marker.click();
    await action(page, words.alarms.acknowledge).click();
    await action(page, words.alarms.acknowledge).waitFor({ state: 'hidden' });
    const acknowledged = Date.now();
    await page.waitForTimeout(5_000);
    expect(await wasHeard(page, acknowledged + 500), 'it is silent once somebody has seen it').toBe(false);
    expect(await action(page, words.alarms.reset).isVisible(), 'a flame that still burns is not reset').toBe(false);

    node.post(7, 'FIRE', 1);
    await action(page, words.alarms.reset).waitFor();
    await count(page, 0, 'alarm')
      .filter({ hasText: words.shell.past(1) })
      .waitFor();
    await action(page, words.alarms.reset).click();
    await count(page, 0, 'alarm')
      .filter({ hasNotText: words.shell.past(1) })
      .waitFor();

    const { items } = await (await server.as('admin')).call('GET /api/v1/events', { query: { limit: 1_000 } });
    const told = items.map((event) => event.kind).filter((kind) => kind.startsWith('alarm.'));
    expect(told).toEqual(['alarm.raised', 'alarm.acknowledged', 'alarm.returned', 'alarm.reset']);
  },
);
