import { beforeEach, expect, test } from 'vitest';
import { draft } from './draft.svelte';

beforeEach(() => {
  draft.revert();
  draft.read('# Version 1\nfirst', '1');
});

test('who has written nothing sees what is in force', () => {
  draft.read('second', '2');
  expect([draft.text, draft.isChanged, draft.begun?.tag]).toEqual(['second', false, '2']);
});

test('what somebody has written stays with the version that it was made from, whatever comes into force', () => {
  draft.text = 'mine';
  draft.read('# Version 1\nfirst', '1');
  expect([draft.text, draft.newer]).toEqual(['mine', undefined]);
  draft.read('third', '3');
  // The server must be able to see that somebody was faster.
  expect([draft.text, draft.isChanged, draft.begun?.tag, draft.newer?.tag]).toEqual(['mine', true, '1', '3']);
});

test('what is newer is replaced only by somebody who says so', () => {
  draft.text = 'mine';
  draft.read('third', '3');
  draft.replaceNewer();
  expect([draft.text, draft.isChanged, draft.begun?.tag, draft.newer]).toEqual(['mine', true, '3', undefined]);
});

test('whoever gives up what they have written sees what is in force by now', () => {
  draft.text = 'mine';
  draft.read('third', '3');
  draft.revert();
  expect([draft.text, draft.isChanged, draft.begun?.tag, draft.newer]).toEqual(['third', false, '3', undefined]);
});

test('another version with the same words in it is nobody’s work', () => {
  draft.text = 'mine';
  draft.read('# Version 2\nfirst', '2');
  expect([draft.text, draft.begun?.tag, draft.newer]).toEqual(['mine', '2', undefined]);
});
