// A server that nothing was ever connected to: every page says what to do next.
import { words } from '../src/words';
import { expect, journey } from './harness/journey';
import { unsound } from './harness/soundness';
import { settled } from './harness/views';

const EMPTY: [string, string][] = [
  ['#/overview', 'poe simulate'],
  ['#/plans', words.plans.none],
  ['#/alarms', words.alarms.noneTitle],
  ['#/nodes', 'poe simulate'],
  ['#/sensors', 'poe simulate'],
  ['#/sensors/127.0.0.1_1', words.sensor.notFound],
  ['#/alarms?show=quiet', words.alarms.noneQuietTitle],
];

journey('where there is nothing to show, a page says so, and what to do next', async ({ server, visit }) => {
  const { page, faults } = await visit('admin', '', { reducedMotion: true });
  faults.expect(/^404 for GET .*sensors\/127/);
  const found: string[] = [];
  for (const [place, next] of EMPTY) {
    await page.goto(`${server.url}${place}`);
    await settled(page);
    await page.getByRole('main').getByText(next).first().waitFor();
    found.push(...(await unsound(page)).map((fault) => `${place}: ${fault}`));
  }
  expect(found).toEqual([]);
});
