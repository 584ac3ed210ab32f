// The parts of the page, and who is offered which.
import type { Operation } from '../../api/call';
import { words } from '../../words';

export const TABS = ['health', 'latency', 'targets', 'rules', 'building', 'data'] as const;
export type Tab = (typeof TABS)[number];

const NEEDS: Record<Tab, Operation> = {
  health: 'GET /api/v1/health',
  latency: 'GET /api/v1/latency',
  targets: 'GET /api/v1/targets',
  rules: 'GET /api/v1/rules',
  building: 'GET /api/v1/building',
  data: 'GET /api/v1/backup',
};
/** These are about all buildings, and do not exist for those who see only some. */
const OF_EVERYTHING: Tab[] = ['health', 'targets', 'building', 'data'];

export function tabsFor(may: (operation: Operation) => boolean, isLimited: boolean): { key: Tab; title: string }[] {
  return TABS.filter((tab) => may(NEEDS[tab]) && !(isLimited && OF_EVERYTHING.includes(tab))).map((key) => ({
    key,
    title: words.system.tabs[key],
  }));
}
