import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { places } from './places.svelte';

/** What the server answers, in the order of the questions; nothing: it does not. */
let answers: ((name: string | undefined) => void)[];

beforeEach(() => {
  answers = [];
  vi.stubGlobal('fetch', (request: Request | string) => {
    if (!String(request instanceof Request ? request.url : request).includes('zones'))
      return Promise.resolve(answer([]));
    return new Promise<Response>((resolve, reject) => {
      answers.push((name) => (name === undefined ? reject(new TypeError('away')) : resolve(answer([{ name }]))));
    });
  });
});
afterEach(() => vi.unstubAllGlobals());

function answer(items: unknown[]): Response {
  return new Response(JSON.stringify({ items, next: null }), { headers: { 'Content-Type': 'application/json' } });
}

test('states that could not be read anew are told as old, and stay', async () => {
  const first = places.load();
  answers[0]?.('hall');
  await first;
  const second = places.load();
  answers[1]?.(undefined);
  await expect(second).rejects.toThrow();
  expect([places.all.map(({ name }) => name), places.old]).toEqual([['hall'], true]);

  const third = places.load();
  answers[2]?.('lab');
  await third;
  expect([places.all.map(({ name }) => name), places.old]).toEqual([['lab'], false]);
});

test('a question that fails after a later one was answered makes nothing old', async () => {
  const [slow, quick] = [places.load(), places.load()];
  answers[1]?.('hall');
  await quick;
  answers[0]?.(undefined);
  await expect(slow).rejects.toThrow();
  expect(places.old).toBe(false);
});
