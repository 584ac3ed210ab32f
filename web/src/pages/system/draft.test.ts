import { expect, test } from 'vitest';
import { draft } from './draft.svelte';

test('what somebody has written stays while what is in force is read anew, until it is to go', () => {
  expect(draft.isChanged).toBe(false);
  draft.read('first', '1', false);
  expect([draft.text, draft.isChanged]).toEqual(['first', false]);
  draft.read('second', '2', false);
  expect([draft.text, draft.isChanged]).toEqual(['second', false]);
  draft.text = 'mine';
  draft.read('third', '3', false);
  expect([draft.text, draft.isChanged, draft.inForce?.tag]).toEqual(['mine', true, '3']);
  draft.read('third', '3', true);
  expect([draft.text, draft.isChanged]).toEqual(['third', false]);
});
