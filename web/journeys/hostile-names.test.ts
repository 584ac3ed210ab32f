// Names that would be markup, if a page took them for more than text.
import { furnish } from './harness/furnished';
import { expect, journey } from './harness/journey';
import { show, views } from './harness/views';

const HOSTILE = '<img src=x onerror=alert(1)>';

journey(
  'a node, sensor, zone, plan or reason that is called like markup is text on every page',
  async ({ server, visit }) => {
    const furnished = await furnish(server, (name) => `${HOSTILE} ${name}`);
    const { page } = await visit('admin');
    const seenOn: string[] = [];
    for (const view of views(furnished)) {
      await show(page, server.url, view);
      expect(await page.locator('img[src="x"]').count(), view.name).toBe(0);
      if ((await page.getByText(HOSTILE).filter({ visible: true }).count()) > 0) seenOn.push(view.name);
    }
    expect(seenOn).toEqual(
      expect.arrayContaining(['overview', 'plans', 'alarms', 'alarm', 'nodes', 'node', 'sensors', 'sensor', 'journal']),
    );
  },
  120_000,
);
