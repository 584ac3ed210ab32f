import { expect, test, vi } from 'vitest';
import { filterOf } from './filter';
import { Reader } from './reader.svelte';
import { sample } from './sample';

function answers(...given: unknown[]): string[] {
  const paths: string[] = [];
  vi.stubGlobal('fetch', (path: string) => {
    paths.push(path);
    const headers = { 'Content-Type': 'application/json' };
    return Promise.resolve(new Response(JSON.stringify(given.shift()), { headers }));
  });
  return paths;
}

const page = (next: number | null, ...seqs: number[]) => ({ items: seqs.map((seq) => sample({ seq })), next });
const filter = filterOf(new URLSearchParams());
const seqs = (reader: Reader) => reader.entries.map((entry) => entry.seq);
const isDone = (reader: Reader) => vi.waitFor(() => expect(reader.isReading).toBe(false));

test('The newest come first, and older ones on demand, until there are none.', async () => {
  const paths = answers(page(8, 8, 9), page(null, 6, 7));
  const reader = new Reader(filter);
  await isDone(reader);
  expect(seqs(reader)).toEqual([9, 8]);
  await reader.older();
  expect(seqs(reader)).toEqual([9, 8, 7, 6]);
  await reader.older();
  expect(paths).toEqual(['api/v1/events?last=200', 'api/v1/events?last=200&before=8']);
});

test('Where nothing was found in the time that a question has, it is asked on.', async () => {
  const paths = answers(page(700), page(300), page(90, 90));
  const reader = new Reader(filter);
  await isDone(reader);
  expect(paths.length).toBe(3);
  expect(seqs(reader)).toEqual([90]);
});

test('What is new is added once, and what was stored meanwhile is shown as stored.', async () => {
  answers(page(8, 8, 9));
  const reader = new Reader(filter);
  await isDone(reader);
  const newest = [sample({ seq: 10, committed: null }), sample({ seq: 9, committed: null }), sample({ seq: 5 })];
  expect(reader.fresh(newest).map((entry) => entry.seq)).toEqual([10]);
  reader.take(newest);
  reader.take([sample({ seq: 10 })]);
  expect(seqs(reader)).toEqual([10, 9, 8]);
  expect(reader.entries[0]?.committed).not.toBeNull();
});

test('What does not fit is not added.', async () => {
  answers(page(null));
  const reader = new Reader(filterOf(new URLSearchParams('kind=node')));
  await isDone(reader);
  reader.take([sample({ seq: 10 }), sample({ seq: 11, kind: 'node.late' })]);
  expect(seqs(reader)).toEqual([11]);
});

test('What came after the newest can be asked for.', async () => {
  const paths = answers(page(8, 8, 9), page(null, 10, 12));
  const reader = new Reader(filterOf(new URLSearchParams('source=stove')));
  await isDone(reader);
  await reader.newer();
  expect(paths[1]).toBe('api/v1/events?source=stove&after=9&limit=1000');
  expect(seqs(reader)).toEqual([12, 10, 9, 8]);
});
