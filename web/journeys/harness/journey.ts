// What a journey has: a server of its own for each file, a browser, and people who visit. All of it ends with the journey.
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Role } from '../../src/api/types';
import { Browser, type Visit, type Visitor } from './browser';
import { keptAs } from './paths';
import { Server } from './server';

export { expect };

/** Opens the dashboard as somebody with this role, who is logged in already; as a stranger, if there is none. */
export type Visiting = (role: Role | undefined, place?: string, visit?: Omit<Visit, 'as'>) => Promise<Visitor>;

export const journey = test
  .extend('server', { scope: 'file' }, async ({}, { onCleanup }) => {
    const server = await Server.start();
    onCleanup(() => server.end());
    return server;
  })
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await Browser.launch();
    onCleanup(() => browser.end());
    return browser;
  })
  .extend('visit', async ({ server, browser, task, onTestFinished }): Promise<Visiting> => {
    const visitors: Visitor[] = [];
    onTestFinished(async () => {
      const isFailed = task.result?.state === 'fail';
      if (isFailed) writeFileSync(keptAs(task.name, '.log'), server.said);
      for (const [index, { page, context, faults }] of visitors.entries()) {
        if (isFailed || faults.found.length > 0) {
          await page.screenshot({ path: keptAs(`${task.name}-${index}`, '.png') }).catch(() => {});
        }
        await context.close();
      }
      expect(
        visitors.flatMap(({ faults }) => faults.found),
        'what went wrong on the pages',
      ).toEqual([]);
      expect(browser.outside.asked, 'what was asked of the world outside').toEqual([]);
    });
    return async (role, place = '', visit = {}) => {
      const as = role && (await server.as(role));
      const visitor = await browser.visit(server.url, place, { ...visit, ...(as && { as }) });
      visitors.push(visitor);
      return visitor;
    };
  });
