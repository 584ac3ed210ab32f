// Somebody who sees no colours, prints in grey or listens: words tell every state.
import { words } from '../src/words';
import { furnish } from './harness/furnished';
import { expect, journey } from './harness/journey';
import { settled } from './harness/views';

journey('every state is told by a word, wherever it is shown', async ({ server, visit }) => {
  const { node, sensor, plan } = await furnish(server);
  const { page } = await visit('operator');
  const { classes, statuses, supervisions, quiets } = words.common;
  const told: [string, string[]][] = [
    ['#/overview', [classes.alarm, classes.trouble]],
    [
      '#/alarms',
      [classes.alarm, classes.trouble, words.alarms.states.unacknowledged, words.alarms.states.acknowledged],
    ],
    ['#/alarms?show=quiet', [quiets.shelved, classes.supervisory]],
    ['#/nodes', [supervisions.good, supervisions.lost]],
    [`#/nodes/${node}`, [supervisions.good, statuses.critical]],
    ['#/sensors', [statuses.critical, statuses.normal, words.common.qualities.lost]],
    [`#/sensors/${sensor}`, [statuses.critical, words.common.states.acknowledged]],
  ];
  for (const [place, all] of told) {
    await page.goto(`${server.url}${place}`);
    await settled(page);
    for (const word of all) {
      const shown = page.getByRole('main').getByText(word).filter({ visible: true });
      await expect.poll(() => shown.count(), { message: `${place} says ${word}` }).toBeGreaterThan(0);
    }
  }

  await page.goto(`${server.url}#/plans/${plan}`);
  const markers = page.getByRole('application').getByRole('button');
  await markers.first().waitFor();
  const said = (await markers.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')))).join('\n');
  const { lost } = words.common.qualities;
  for (const word of [classes.alarm, statuses.critical, lost, words.common.states.unacknowledged]) {
    expect(said.toLowerCase()).toContain(word.toLowerCase());
  }
});

journey('the counts in the header are words and shapes, and are told to those who listen', async ({ visit }) => {
  const { page } = await visit('viewer', '#/journal');
  const header = page.getByRole('banner');
  for (const of of Object.values(words.common.classes)) await header.getByRole('link', { name: of }).waitFor();
  await header.getByRole('status').filter({ hasText: words.shell.live }).waitFor();
  const shapes = await header.locator('svg path').evaluateAll((all) => all.map((one) => one.getAttribute('d')));
  expect(new Set(shapes).size).toBe(shapes.length);
});
