import { expect, test } from 'vitest';
import { TABS, tabsFor } from './tabs';

const keys = (tabs: { key: string }[]) => tabs.map(({ key }) => key);

test('whoever may do everything is offered everything', () => {
  expect(keys(tabsFor(() => true, false))).toEqual(TABS);
});

test('whoever sees some buildings alone is offered what is not about all of them', () => {
  expect(keys(tabsFor(() => true, true))).toEqual(['latency', 'rules']);
});

test('what somebody may not read is not offered', () => {
  expect(keys(tabsFor((operation) => operation !== 'GET /api/v1/backup', false))).not.toContain('data');
});
