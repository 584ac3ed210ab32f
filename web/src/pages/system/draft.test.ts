import { expect, test } from 'vitest';
import { draft } from './draft.svelte';

test('what somebody has written stays while what is in force is read anew, until it is to go', () => {
  expect(draft.isChanged).toBe(false);
  draft.read('first', '1', 'keep');
  expect([draft.text, draft.isChanged]).toEqual(['first', false]);
  draft.read('second', '2', 'keep');
  expect([draft.text, draft.isChanged]).toEqual(['second', false]);
  draft.text = 'mine';
  draft.read('second', '2', 'keep');
  expect(draft.isOvertaken).toBe(false);
  draft.read('third', '3', 'keep');
  // Made from the second version: the server must be able to see that somebody was faster.
  expect([draft.text, draft.isChanged, draft.inForce?.tag, draft.isOvertaken]).toEqual(['mine', true, '2', true]);
  draft.read('third', '3', 'replace');
  expect([draft.text, draft.inForce?.tag, draft.isOvertaken]).toEqual(['mine', '3', false]);
  draft.read('third', '3', 'go');
  expect([draft.text, draft.isChanged]).toEqual(['third', false]);
});
