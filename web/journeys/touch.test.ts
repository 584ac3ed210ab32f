// A plan on a phone, with fingers alone.
import type { Locator, Page } from 'playwright-core';
import { words } from '../src/words';
import { build, nameSensor, place, PLAN } from './harness/building';
import { expect, journey } from './harness/journey';
import type { Server } from './harness/server';
import { Fingers, middleOf } from './harness/touch';
import { settled } from './harness/views';

journey(
  'a plan is moved with one finger, zoomed with two, and a mark is chosen with a tap',
  async ({ server, visit }) => {
    await begin(server);
    const { page } = await visit('operator', `#/plans/${PLAN}`, { phone: true });
    const fingers = await Fingers.of(page);
    const picture = canvas(page).locator('image');
    await mark(page, 'Beside the door').waitFor();
    await settled(page);

    await allowSounds(page);
    const before = await boxOf(picture);
    const [x, y] = middleOf(before);
    await fingers.move([
      [x, y],
      [x + 60, y + 40],
    ]);
    const moved = await boxOf(picture);
    expect([moved.x - before.x, moved.y - before.y].map(Math.round)).toEqual([60, 40]);
    expect(Math.round(moved.width)).toBe(Math.round(before.width));

    // What was between the fingers stays between them, also when one of them is on a mark.
    const [left, top] = middleOf(await boxOf(mark(page, 'Over the stove')));
    await fingers.move(
      [
        [left, top],
        [left - 50, top],
      ],
      [
        [left + 60, top],
        [left + 110, top],
      ],
    );
    const zoomed = await boxOf(picture);
    expect(zoomed.width / moved.width).toBeCloseTo(160 / 60, 1);
    const part = (at: number, of: typeof moved) => (at - of.x) / of.width;
    expect(part(left + 30, zoomed)).toBeCloseTo(part(left + 30, moved), 2);
    expect(page.url()).not.toContain('sensor=');

    await fingers.tap(middleOf(await boxOf(mark(page, 'Over the stove'))));
    await page.getByRole('heading', { name: 'Over the stove' }).waitFor();
  },
);

journey('a mark is dragged with a finger, and a thing is placed with taps', async ({ server, visit }) => {
  const [stove, door, window] = await begin(server);
  const { page } = await visit('engineer', `#/plans/${PLAN}?edit=true`, { phone: true });
  const fingers = await Fingers.of(page);
  await mark(page, 'Over the stove').waitFor();
  await settled(page);
  await allowSounds(page);
  const at = async (x: number, y: number) => {
    const picture = await boxOf(canvas(page).locator('image'));
    return [picture.x + x * picture.width, picture.y + y * picture.height] as const;
  };

  // A finger that trembles moves nothing.
  const [left, top] = await at(0.3, 0.5);
  await fingers.move([
    [left, top],
    [left + 6, top],
  ]);
  expect(await page.getByText(words.plans.allSaved).count()).toBe(1);
  await fingers.move([await at(0.3, 0.5), await at(0.4, 0.8)]);
  await page.getByText(words.plans.unsaved).waitFor();
  await page.getByRole('button', { name: new RegExp(`^${words.plans.take('At the window')}`) }).tap();
  await mark(page, 'At the window').waitFor();
  await fingers.tap(await at(0.8, 0.2));
  await page.getByRole('button', { name: words.common.save, exact: true }).tap();
  await page.getByText(words.plans.saved).waitFor();

  const engineer = await server.as('engineer');
  const { placements } = await engineer.call('GET /api/v1/plans/{name}', { path: { name: PLAN } });
  const placed = (source: string) => placements.find((one) => one.source === source);
  expect(placed(stove!)?.x).toBeCloseTo(0.4, 1);
  expect(placed(stove!)?.y).toBeCloseTo(0.8, 1);
  expect(placed(door!)).toMatchObject({ x: 0.7, y: 0.5 });
  expect(placed(window!)?.x).toBeCloseTo(0.8, 1);
  expect(placed(window!)?.y).toBeCloseTo(0.2, 1);
});

/** Three sensors, two of which are on the plan; what they are called. */
async function begin(server: Server): Promise<string[]> {
  await build(server);
  const node = await server.node('127.6.14.2');
  const names = ['Over the stove', 'Beside the door', 'At the window'];
  for (const id of names.keys()) node.post(id, 'FIRE', 1);
  const engineer = await server.as('engineer');
  for (const [id, name] of names.entries()) {
    await engineer.until('GET /api/v1/sensors/{ip_id}', { path: { ip_id: node.key(id) } }, () => true);
    await nameSensor(server, node.key(id), name);
  }
  await place(server, [
    { key: node.key(0), x: 0.3, y: 0.5 },
    { key: node.key(1), x: 0.7, y: 0.5 },
  ]);
  return names.map((_, id) => node.key(id));
}

/** The first touch would allow them: what asks for it goes then, and all else moves up under the finger. */
async function allowSounds(page: Page): Promise<void> {
  const ask = page.getByRole('button', { name: words.shell.soundOn });
  await ask.tap();
  await ask.waitFor({ state: 'hidden' });
}

function canvas(page: Page): Locator {
  return page.getByRole('application', { name: words.plans.canvas('Ground floor') });
}

function mark(page: Page, name: string): Locator {
  return canvas(page).getByRole('button', { name: new RegExp(name) });
}

async function boxOf(what: Locator) {
  const box = await what.boundingBox();
  if (!box) throw new Error('it is not to be seen');
  return box;
}
