// The pages, as the navigation shows them.
import type { Component } from 'svelte';
import type { Operation } from '../api/call';
import { words } from '../words';

export interface PageEntry {
  /** The first part of its path. */
  path: string;
  title: string;
  /** After `g`. */
  key?: string;
  /** Who may not ask this does not see the page. */
  needs?: Operation;
  load: () => Promise<{ default: Component }>;
}

export const PAGES: PageEntry[] = [
  { path: 'overview', title: words.shell.overview, key: 'o', load: () => import('../pages/overview/Overview.svelte') },
  { path: 'plans', title: words.shell.plans, key: 'p', load: () => import('../pages/plans/Plans.svelte') },
  { path: 'alarms', title: words.shell.alarms, key: 'a', load: () => import('../pages/alarms/Alarms.svelte') },
  { path: 'nodes', title: words.shell.nodes, key: 'n', load: () => import('../pages/nodes/Nodes.svelte') },
  { path: 'sensors', title: words.shell.sensors, key: 's', load: () => import('../pages/sensors/Sensors.svelte') },
  { path: 'journal', title: words.shell.journal, key: 'j', load: () => import('../pages/journal/Journal.svelte') },
  { path: 'system', title: words.shell.system, key: 'y', load: () => import('../pages/system/System.svelte') },
  {
    path: 'people',
    title: words.shell.people,
    key: 'u',
    needs: 'GET /api/v1/users',
    load: () => import('../pages/people/People.svelte'),
  },
  { path: 'reference', title: words.shell.reference, load: () => import('../pages/reference/Reference.svelte') },
  { path: 'account', title: words.shell.account, load: () => import('../pages/account/Account.svelte') },
];

/** The page of a path: the overview, where there is none. */
export function pageOf(path: string[]): PageEntry | undefined {
  return PAGES.find((page) => page.path === (path[0] ?? 'overview'));
}
