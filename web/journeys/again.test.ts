// A journey that fails on a busy machine is told once more, with the same server: what it makes first is there by then.
import { furnish } from './harness/furnished';
import { expect, journey } from './harness/journey';

journey('what a journey needs can be made a second time', async ({ server }) => {
  const first = await furnish(server);
  expect(await furnish(server)).toEqual(first);
});
