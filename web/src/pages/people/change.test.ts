import { expect, test } from 'vitest';
import type { User } from '../../api/types';
import { changeOf } from './change';

const bert: User = { name: 'bert', role: 'operator', buildings: ['main', 'annex'], created: '2026-01-01T00:00:00Z' };

test('what is as it was is not sent, in whichever order places were chosen', () => {
  expect(changeOf(bert, { role: 'operator', buildings: ['annex', 'main'], password: '' })).toEqual({});
});

test('what is different is sent, and nothing else', () => {
  const as = { role: bert.role, buildings: bert.buildings, password: '' };
  expect(changeOf(bert, { ...as, role: 'viewer' })).toEqual({ role: 'viewer' });
  expect(changeOf(bert, { ...as, buildings: [] })).toEqual({ buildings: [] });
  expect(changeOf(bert, { ...as, password: 'other words than those' })).toEqual({ password: 'other words than those' });
});
