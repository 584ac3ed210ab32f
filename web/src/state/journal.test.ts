import { beforeEach, expect, test } from 'vitest';
import type { Event } from '../api/types';
import { Journal, KEPT } from './journal.svelte';

const event = (seq: number, committed: string | null = 'then') => ({ seq, committed }) as Event;
const seqs = () => journal.newest.map(({ seq }) => seq);

let journal: Journal;
beforeEach(() => (journal = new Journal()));

test('An entry that is not stored yet is shown, and counts as known when it is.', () => {
  journal.stands(7);
  journal.add(event(8), event(9, null));
  expect([seqs(), journal.storedSeq]).toEqual([[9, 8], 8]);
  journal.add(event(9));
  expect([seqs(), journal.storedSeq]).toEqual([[9, 8], 9]);
});

test('No more are kept than a page can show, and those are the newest.', () => {
  journal.stands(0);
  journal.add(...Array.from({ length: KEPT + 100 }, (_, seq) => event(seq)));
  expect([journal.newest.length, journal.newest[0]?.seq]).toEqual([KEPT, KEPT + 99]);
});

test('A server that was put back to what it was takes the later entries with it.', () => {
  journal.stands(7);
  journal.add(event(8), event(9));
  journal.stands(8);
  expect([seqs(), journal.storedSeq]).toEqual([[8], 8]);
});
