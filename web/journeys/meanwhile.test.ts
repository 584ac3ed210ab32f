// Two people change the same thing at once: whoever is slower is told, and neither loses anything.
import type { Locator, Page } from 'playwright-core';
import type { SettingBody } from '../src/api/types';
import { words } from '../src/words';
import { build, describe, nameSensor, place, PLAN } from './harness/building';
import { complaint } from './harness/controls';
import { expect, journey } from './harness/journey';
import { pressAt } from './harness/moment';
import { PASSWORD, type Server } from './harness/server';
import { unsound } from './harness/soundness';

const SLOWER = /^412 for PUT /;
const text = words.system.targets;

journey('two people change one target: what each has changed is kept', async ({ server, visit }) => {
  await target(server);
  const first = await visit('engineer', '#/system?tab=targets&target=desk');
  const second = await visit('admin', '#/system?tab=targets&target=desk');
  second.faults.expect(SLOWER);
  await first.page.getByLabel(text.url).fill('http://127.0.0.1:9/first');
  await second.page.getByLabel(text.expires).fill('120');

  await save(first.page).click();
  await first.page.getByText(words.system.saved('desk')).waitFor();
  await save(second.page).click();
  await complaint(second.page).getByText(words.form.faster).waitFor();
  await second.page.getByText(words.form.taken(text.url.toLowerCase())).waitFor();
  expect(await second.page.getByLabel(text.url).inputValue()).toBe('http://127.0.0.1:9/first');
  await save(second.page).click();
  await second.page.getByText(words.system.saved('desk')).waitFor();
  expect(await told(server)).toEqual(['http://127.0.0.1:9/first', 120]);
});

journey('two people change the same field: the slower one sees both, and chooses', async ({ server, visit }) => {
  await target(server);
  const { page, faults } = await visit('engineer', '#/system?tab=targets&target=desk');
  faults.expect(SLOWER);
  await page.getByLabel(text.url).fill('http://127.0.0.1:9/mine');
  await change(server, 'http://127.0.0.1:9/theirs');

  await save(page).click();
  const row = page.getByRole('row', { name: new RegExp(`^${escape(text.url)}`) });
  await row.getByText('/mine').waitFor();
  await row.getByText('/theirs').waitFor();
  expect(await unsound(page)).toEqual([]);
  const field = page.getByRole('textbox', { name: text.url });
  expect(await field.inputValue()).toBe('http://127.0.0.1:9/mine');
  await row.getByRole('button', { name: words.form.takeOf(text.url) }).click();
  expect(await field.inputValue()).toBe('http://127.0.0.1:9/theirs');
  await row.waitFor({ state: 'hidden' });
  await save(page).click();
  await page.getByText(words.system.saved('desk')).waitFor();
  expect(await told(server)).toEqual(['http://127.0.0.1:9/theirs', null]);
});

journey('who changes something else of the building is no reason to ask', async ({ server, visit }) => {
  await target(server);
  const { page, faults } = await visit('engineer', '#/system?tab=targets&target=desk');
  faults.expect(SLOWER);
  await page.getByLabel(text.expires).fill('60');
  await rename(server, 'The harbour');
  await save(page).click();
  await page.getByText(words.system.saved('desk')).waitFor();
  expect(await told(server)).toEqual(['http://127.0.0.1:9/', 60]);
});

journey(
  'two people change one account: the role of one and the places of the other both hold',
  async ({ server, visit }) => {
    await rename(server, 'East wing');
    const admin = await server.as('admin');
    const path = { name: 'bert' };
    await admin.make('POST /api/v1/users', { body: { ...path, role: 'viewer', password: PASSWORD } });
    await admin.call('PATCH /api/v1/users/{name}', { path, body: { role: 'viewer', buildings: [] } });
    const { page, faults } = await visit('admin', '#/people?user=bert');
    faults.expect(/^412 for PATCH /);
    await page.getByLabel(words.people.role).selectOption('operator');
    await admin.call('PATCH /api/v1/users/{name}', { path, body: { buildings: ['east'] } });

    await save(page).click();
    await page.getByText(words.form.taken(words.people.places.toLowerCase())).waitFor();
    expect(await page.getByRole('checkbox', { name: 'East wing' }).isChecked()).toBe(true);
    await save(page).click();
    await page.getByText(words.people.changed('bert')).waitFor();
    const bert = await admin.call('GET /api/v1/users/{name}', { path });
    expect([bert.role, bert.buildings]).toEqual(['operator', ['east']]);
  },
);

journey(
  'two people refine one rule: what both have changed is to be seen, and all else is kept',
  async ({ server, visit }) => {
    const engineer = await server.as('engineer');
    const rule = (body: SettingBody) => engineer.call('PUT /api/v1/rules/{rule}', { path: { rule: 'smoke' }, body });
    await rule({ at_least: 200, priority: 2 });
    const { page, faults } = await visit('engineer', '#/system?tab=rules&rule=smoke&scope=everywhere');
    faults.expect(SLOWER);
    await page.getByLabel(words.system.rules.limit, { exact: true }).fill('180');
    await rule({ at_least: 210, priority: 3 });

    await save(page).click();
    await page.getByText(words.form.taken(words.system.rules.priorityLabel.toLowerCase())).waitFor();
    await page.getByRole('row', { name: /180.*210/ }).waitFor();
    await save(page).click();
    await page.getByText(words.system.rules.set('smoke', words.system.rules.scopes.everywhere!)).waitFor();
    const { settings } = await engineer.call('GET /api/v1/rules');
    expect(settings).toMatchObject([{ rule: 'smoke', at_least: 180, priority: 3 }]);
  },
);

journey(
  'two people save one plan in the same moment: the slower one is told, and loses nothing',
  async ({ server, visit }) => {
    await build(server);
    const node = await server.node('127.6.15.2');
    for (const id of [7, 8]) node.post(id, 'FIRE', 1);
    const engineer = await server.as('engineer');
    await engineer.until('GET /api/v1/sensors/{ip_id}', { path: { ip_id: node.key(8) } }, () => true);
    await place(server, [
      { key: node.key(7), x: 0.3, y: 0.5 },
      { key: node.key(8), x: 0.7, y: 0.5 },
    ]);

    const visitors = [
      await visit('engineer', `#/plans/${PLAN}?edit=true`),
      await visit('admin', `#/plans/${PLAN}?edit=true`),
    ];
    const keys = [node.key(7), node.key(8)];
    for (const [index, { page, faults }] of visitors.entries()) {
      faults.expect(SLOWER);
      const mark = page.locator(`[data-mark="sensor ${keys[index]}"]`);
      await mark.focus();
      await page.keyboard.press('Delete');
      await mark.waitFor({ state: 'hidden' });
    }
    const at = Date.now() + 500;
    await Promise.all(visitors.map(({ page }) => pressAt(save(page), at)));
    const faster = await firstOf(visitors.map(({ page }) => page.getByText(words.plans.saved)));
    const { page } = visitors[1 - faster]!;
    await page.getByText(words.plans.overtaken).waitFor();
    expect(await sources(server)).toEqual([keys[1 - faster]]);

    // What they have changed is still here, and the other's is a look away.
    const [mine, theirs] = [keys[1 - faster], keys[faster]].map((key) => page.locator(`[data-mark="sensor ${key}"]`));
    expect([await mine!.count(), await theirs!.count()]).toEqual([0, 1]);
    await page.getByRole('button', { name: words.plans.lookAtOther }).click();
    await mine!.waitFor();
    await theirs!.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: words.plans.backToMine }).click();
    await page.getByRole('button', { name: words.plans.saveOver }).click();
    await page.getByRole('dialog').getByRole('button', { name: words.plans.saveOver }).click();
    await page.getByText(words.plans.saved).waitFor();
    expect(await sources(server)).toEqual([keys[faster]]);
  },
);

journey('two people describe one node and its sensor: what each has said is kept', async ({ server, visit }) => {
  await build(server);
  const node = await server.node('127.6.15.3');
  node.post(7, 'FIRE', 1);
  await describe(server, node, 'Ceiling', 'west');
  const { page, faults } = await visit('engineer', `#/nodes/${node.address}`);
  faults.expect(/^412 for PATCH /);
  await button(page, words.nodes.describe).click();
  await page.getByLabel(words.nodes.trouble).fill('150');
  await describe(server, node, 'Stove', 'east');
  await save(page).click();
  const both = [words.nodes.called, words.nodes.place].map((label) => label.toLowerCase());
  await page.getByText(words.form.taken(both.join('; '))).waitFor();
  expect(await page.getByLabel(words.nodes.trouble).inputValue()).toBe('150');
  expect(await unsound(page)).toEqual([]);
  await save(page).click();
  await page.getByText(words.nodes.saved('Stove')).waitFor();

  await page.goto(page.url().replace(/#.*/, `#/sensors/${node.key(7)}`));
  await button(page, `${words.sensor.edit}…`).click();
  await page.getByLabel(words.sensor.place, { exact: true }).selectOption({ label: 'West wing' });
  await nameSensor(server, node.key(7), 'Theirs');
  await save(page).click();
  await page.getByText(words.form.taken(words.sensor.name.toLowerCase())).waitFor();
  await save(page).click();
  await page.getByText(words.sensor.saved).waitFor();
  const engineer = await server.as('engineer');
  const sensor = await engineer.call('GET /api/v1/sensors/{ip_id}', { path: { ip_id: node.key(7) } });
  expect([sensor.name, sensor.place]).toEqual(['Theirs', 'west']);
});

journey('what is typed about a plan outlives another change, and Escape asks first', async ({ server, visit }) => {
  await build(server);
  const engineer = await server.as('engineer');
  const path = { name: PLAN };
  const { page, faults } = await visit('engineer', `#/plans/${PLAN}`);
  faults.expect(SLOWER);
  await button(page, words.plans.settings).click();
  const title = page.getByLabel(words.plans.title, { exact: true });
  await title.fill('The cellar');
  await page.keyboard.press('Escape');
  const question = page.getByRole('dialog', { name: words.form.discardTitle });
  await question.getByRole('button', { name: words.common.cancel }).click();
  const body = { title: 'Ground floor', place: 'east', zones: [], placements: [] };
  await engineer.call('PUT /api/v1/plans/{name}', { path, body });

  await save(page).click();
  await page.getByText(words.form.taken(words.plans.place.toLowerCase())).waitFor();
  expect(await title.inputValue()).toBe('The cellar');
  await save(page).click();
  await page.getByText(words.plans.saved).waitFor();
  expect(await engineer.call('GET /api/v1/plans/{name}', { path })).toMatchObject({
    title: 'The cellar',
    place: 'east',
  });
});

journey('a building file is not put over what somebody else has put in force meanwhile', async ({ server, visit }) => {
  const engineer = await server.as('engineer');
  await rename(server, 'East wing');
  const { page, faults } = await visit('engineer', '#/system?tab=building');
  faults.expect(SLOWER);
  const file = words.system.building;
  const editor = page.getByLabel(file.text);
  const mine = (await editor.inputValue()).replace('"Ground floor"', '"My floor"');
  await editor.fill(mine);
  await rename(server, 'Their wing');

  await button(page, file.look).click();
  await complaint(page).getByText(file.faster).waitFor();
  expect(await editor.inputValue()).toBe(mine);
  await page.getByText(file.newerLines(2)).click();
  await page.getByText('Their wing').waitFor();
  expect(await unsound(page)).toEqual([]);
  await button(page, file.keepMine).click();
  await button(page, file.look).click();
  const changes = page.getByRole('dialog').getByRole('list');
  await changes
    .getByText(/My floor|ground/)
    .first()
    .waitFor();
  expect(await unsound(page)).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: file.apply }).click();
  await page.getByText(file.applied).waitFor();
  const { items } = await engineer.call('GET /api/v1/zones');
  expect(items.map(({ title }) => title).sort()).toEqual(['East wing', 'My floor', 'West wing']);
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const save = (page: Page) => button(page, words.common.save);
const escape = (of: string) => of.replace(/[()]/g, '\\$&');

async function target(server: Server): Promise<void> {
  const engineer = await server.as('engineer');
  await engineer.make('POST /api/v1/targets', { body: { name: 'desk', webhook: { url: 'http://127.0.0.1:9/' } } });
  await change(server, 'http://127.0.0.1:9/');
}

/** Something of the building that is no target. */
async function rename(server: Server, title: string): Promise<void> {
  await build(server);
  const engineer = await server.as('engineer');
  const body = { kind: 'zone', title, within: 'ground' } as const;
  await engineer.call('PUT /api/v1/zones/{name}', { path: { name: 'east' }, body });
}

async function change(server: Server, url: string): Promise<void> {
  const engineer = await server.as('engineer');
  const request = { path: { name: 'desk' }, body: { webhook: { url }, expires_s: null } };
  await engineer.call('PUT /api/v1/targets/{name}', request);
}

async function told(server: Server): Promise<unknown[]> {
  const engineer = await server.as('engineer');
  const { webhook, expires_s } = await engineer.call('GET /api/v1/targets/{name}', { path: { name: 'desk' } });
  return [webhook?.url, expires_s];
}

async function sources(server: Server): Promise<string[]> {
  const engineer = await server.as('engineer');
  const { placements } = await engineer.call('GET /api/v1/plans/{name}', { path: { name: PLAN } });
  return placements.map(({ source }) => source);
}

/** Which of these is there first. */
function firstOf(all: Locator[]): Promise<number> {
  return Promise.any(all.map((one, index) => one.waitFor().then(() => index)));
}
