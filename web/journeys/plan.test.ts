// A floor plan, from nothing to a sensor on it, by an engineer: with the mouse, and with the keyboard alone.
import type { Locator, Page } from 'playwright-core';
import type { Plan } from '../src/api/types';
import { words } from '../src/words';
import { build, DRAWING, nameSensor, place, PLAN } from './harness/building';
import { expect, journey } from './harness/journey';
import { pressOn, tabTo } from './harness/keyboard';
import type { SensorNode } from './harness/node';
import type { Server } from './harness/server';

journey(
  'a plan is added, its picture uploaded, a zone drawn and a sensor placed, by mouse',
  async ({ server, visit }) => {
    const node = await begin(server);
    const engineer = await server.as('engineer');
    // A try before this one may have got further.
    const { items } = await engineer.call('GET /api/v1/plans');
    const path = { name: 'cellar' };
    if (items.some(({ name }) => name === path.name)) await engineer.call('DELETE /api/v1/plans/{name}', { path });

    const { page } = await visit('engineer', '#/plans?all=true');
    await button(page, words.plans.add).click();
    await page.getByLabel(words.plans.name).fill('cellar');
    await page.getByLabel(words.plans.title).fill('The cellar');
    await page.getByLabel(words.plans.place).selectOption({ label: 'Ground floor' });
    await button(page, words.plans.create).click();

    await button(page, words.plans.settings).first().click();
    const dialog = page.getByRole('dialog');
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button(dialog, words.plans.upload).click()]);
    const picture = { name: 'cellar.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(DRAWING) };
    await chooser.setFiles(picture);
    await dialog.getByText(words.plans.about('svg', 800, 500)).waitFor();
    await button(dialog, words.common.close).last().click();

    await button(page, words.plans.edit).click();
    await button(page, words.plans.drawZone).click();
    const plan = page.getByRole('application', { name: words.plans.canvas('The cellar') });
    const at = await pointsOf(plan);
    for (const corner of [at(0.5, 0.1), at(0.9, 0.1), at(0.9, 0.9), at(0.5, 0.9)]) await page.mouse.click(...corner);
    await button(page, words.plans.finishZone).click();
    await page.getByRole('dialog').getByRole('combobox').first().selectOption({ label: 'East wing' });
    await button(page, words.plans.setZone).click();

    const grip = page.getByTitle(words.plans.drag('Over the stove'));
    await grip.hover();
    await page.mouse.down();
    await page.mouse.move(...at(0.6, 0.4), { steps: 5 });
    await page.mouse.move(...at(0.7, 0.5), { steps: 5 });
    await page.mouse.up();
    await button(page, words.common.save).click();
    await page.getByText(words.plans.saved).waitFor();

    const saved = await planOf(server, 'cellar');
    expect(saved.zones).toHaveLength(1);
    expect(saved.zones[0]).toMatchObject({ place: 'east' });
    expect(saved.zones[0]!.corners).toHaveLength(4);
    expect(saved.placements).toHaveLength(1);
    const [placed] = saved.placements;
    expect(placed).toMatchObject({ source: node.key(7), source_kind: 'sensor' });
    expect(placed!.x).toBeCloseTo(0.7, 1);
    expect(placed!.y).toBeCloseTo(0.5, 1);
  },
);

journey('a zone is drawn and a sensor placed and moved by the keyboard alone', async ({ server, visit }) => {
  await begin(server);
  const { page } = await visit('engineer', `#/plans/${PLAN}?edit=true`);
  const plan = page.getByRole('application', { name: words.plans.canvas('Ground floor') });
  await pressOn(page, page.getByRole('button', { name: new RegExp(`^${words.plans.take('Beside the door')}`) }));
  await press(page, 'Shift+ArrowRight', 3);
  await press(page, 'Shift+ArrowUp', 2);
  await page.keyboard.press('Enter');
  await plan.getByRole('button', { name: /Beside the door/ }).waitFor();

  await pressOn(page, button(page, words.plans.drawZone));
  for (const way of ['Shift+ArrowLeft', 'Shift+ArrowUp', 'Shift+ArrowRight', 'Shift+ArrowDown']) {
    await press(page, way, 3);
    await page.keyboard.press('Enter');
  }
  await page.keyboard.press('c');
  const places = page.getByRole('dialog').getByRole('combobox').first();
  await tabTo(page, places);
  await page.keyboard.type('West wing');
  await pressOn(page, button(page, words.plans.setZone));
  await pressOn(page, button(page, words.common.save));
  await page.getByText(words.plans.saved).waitFor();

  const saved = await planOf(server, PLAN);
  expect(saved.zones).toMatchObject([{ place: 'west' }]);
  const [placed] = saved.placements;
  expect(placed!.x).toBeGreaterThan(0.5);
  expect(placed!.y).toBeLessThan(0.5);
});

journey('what was changed on a plan is not lost by leaving, and can be taken back', async ({ server, visit }) => {
  const node = await begin(server);
  await place(server, [{ key: node.key(8), x: 0.6, y: 0.4 }]);
  const before = await planOf(server, PLAN);
  const { page } = await visit('engineer', `#/plans/${PLAN}?edit=true`);
  const plan = page.getByRole('application', { name: words.plans.canvas('Ground floor') });
  const marker = plan.getByRole('button', { name: /Beside the door/ });
  await marker.focus();
  await page.keyboard.press('Delete');
  await marker.waitFor({ state: 'hidden' });
  await button(page, words.plans.doneEditing).click();
  await button(page.getByRole('dialog'), words.common.cancel).click();
  await button(page, words.common.undo).first().click();
  await marker.waitFor();
  await button(page, words.plans.doneEditing).click();
  await button(page, words.plans.edit).waitFor();
  expect(await planOf(server, PLAN)).toEqual(before);
});

journey(
  'a new place is made with the plan and not before, and undo leaves nothing behind',
  async ({ server, visit }) => {
    await begin(server);
    // A name of its own each time: what was saved stays.
    const title = `Larder ${Date.now()}`;
    const places = async () => {
      const { items } = await (await server.as('engineer')).call('GET /api/v1/zones');
      return items.map((one) => one.title);
    };
    const before = await places();
    const { page } = await visit('engineer', `#/plans/${PLAN}?edit=true`);
    await button(page, words.plans.drawZone).click();
    const at = await pointsOf(page.getByRole('application', { name: words.plans.canvas('Ground floor') }));
    for (const corner of [at(0.1, 0.1), at(0.4, 0.1), at(0.4, 0.4)]) await page.mouse.click(...corner);
    await button(page, words.plans.finishZone).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(words.plans.place).first().selectOption({ label: words.plans.newPlace });
    await dialog.getByLabel(words.plans.title).fill(title);
    await button(page, words.plans.setZone).click();
    const outline = page.getByRole('button', { name: words.plans.zoneOutline(title), exact: true });
    await outline.waitFor();
    expect(await places()).toEqual(before);

    await button(page, words.common.undo).first().click();
    await outline.waitFor({ state: 'hidden' });
    await button(page, words.plans.redo).click();
    await button(page, words.common.save).click();
    await page.getByText(words.plans.saved).waitFor();
    expect(await places()).toEqual([...before, title]);
    expect((await planOf(server, PLAN)).zones).toHaveLength(1);
  },
);

journey('a picture is not replaced before somebody has said so', async ({ server, visit }) => {
  await begin(server);
  const before = await planOf(server, PLAN);
  const { page } = await visit('engineer', `#/plans/${PLAN}`);
  await button(page, words.plans.settings).first().click();
  const choose = async () => {
    const press = button(page, words.plans.replace).click();
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press]);
    const buffer = Buffer.from(DRAWING.replace('#444444', '#555555'));
    await chooser.setFiles({ name: 'other.svg', mimeType: 'image/svg+xml', buffer });
    const question = page.getByRole('dialog', { name: words.plans.replaceTitle });
    await question.getByText('other.svg').waitFor();
    await question.getByText(words.plans.about('svg', 800, 500)).waitFor();
    return question;
  };
  await button(await choose(), words.common.cancel).click();
  expect((await planOf(server, PLAN)).image).toEqual(before.image);
  await button(await choose(), words.plans.replaceAction).click();
  await page.getByText(words.plans.uploaded).waitFor();
  expect((await planOf(server, PLAN)).image?.hash).not.toBe(before.image?.hash);
});

journey('a zone that is out of service says so on the plan, until it is watched again', async ({ server, visit }) => {
  const node = await begin(server);
  await place(server, [{ key: node.key(7), x: 0.7, y: 0.5 }]);
  const operator = await server.as('operator');
  const { page } = await visit('viewer', `#/plans/${PLAN}`);
  const zone = page.locator('[data-zone="east"]');
  await zone.getByText('East wing').waitFor();
  const told = zone.getByText(words.common.quiets.out_of_service);
  expect(await told.count()).toBe(0);
  const body = { source: 'east', source_kind: 'place', minutes: 60, reason: 'works' } as const;
  const { id } = await operator.call('POST /api/v1/suppressions', { body });
  await told.waitFor();
  await operator.call('DELETE /api/v1/suppressions/{id}', { path: { id: id! } });
  await told.waitFor({ state: 'hidden' });
});

/** The building with its bare plan, and a node with two sensors that are on none. */
async function begin(server: Server): Promise<SensorNode> {
  await build(server);
  const node = await server.node('127.6.7.2');
  node.post(7, 'FIRE', 1);
  node.post(8, 'FIRE', 1);
  const engineer = await server.as('engineer');
  await engineer.until('GET /api/v1/sensors/{ip_id}', { path: { ip_id: node.key(8) } }, () => true);
  await nameSensor(server, node.key(7), 'Over the stove');
  await nameSensor(server, node.key(8), 'Beside the door');
  return node;
}

const button = (within: Page | Locator, name: string) => within.getByRole('button', { name, exact: true });

async function press(page: Page, key: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await page.keyboard.press(key);
}

async function planOf(server: Server, name: string): Promise<Plan> {
  return (await server.as('engineer')).call('GET /api/v1/plans/{name}', { path: { name } });
}

/** Where on the screen a point of the picture is, which is given as fractions of its width and height. */
async function pointsOf(plan: Locator): Promise<(x: number, y: number) => [number, number]> {
  const picture = await plan.locator('image').boundingBox();
  if (!picture) throw new Error('the plan shows no picture');
  return (x, y) => [picture.x + x * picture.width, picture.y + y * picture.height];
}
