import { describe, expect, test } from 'vitest';
import type { Choice } from './choice';
import type { Shape } from './columns';
import { isLive, natural, ordered } from './order';

interface Row {
  key: string;
  name: string;
  value: number | undefined;
  place: string;
}

const shape: Shape<Row> = {
  key: (row) => row.key,
  words: (row) => `${row.name} ${row.place}`,
  columns: [
    { id: 'name', title: '', width: '', text: (row) => row.name, phone: 'first' },
    {
      id: 'value',
      title: '',
      width: '',
      text: (row) => String(row.value),
      by: (row) => row.value,
      live: true,
      phone: 'first',
    },
  ],
  facets: [
    { id: 'place', title: '', options: [], has: (row, value) => row.place === value },
    { id: 'high', title: '', options: [], has: (row) => (row.value ?? 0) > 10, live: true },
  ],
};
const choice = (more: Partial<Choice>): Choice => ({
  search: [],
  facets: [],
  sort: undefined,
  isDescending: false,
  columns: [],
  ...more,
});
const row = (key: string, more: Partial<Row> = {}): Row => ({ key, name: key, value: 0, place: '', ...more });

function all(rows: Row[], chosen: Partial<Choice>, of = shape): string[] {
  const work = ordered(rows, choice(chosen), of);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

test('rows come as they are, unless somebody sorts them', () => {
  expect(all([row('b'), row('a')], {})).toEqual(['b', 'a']);
});

test('words must all be found, in any order and case', () => {
  const rows = [row('1', { name: 'Smoke 8', place: 'Attic' }), row('2', { name: 'Smoke 9', place: 'Cellar' })];
  expect(all(rows, { search: ['attic', 'smoke'] })).toEqual(['1']);
  expect(all(rows, { search: ['smoke', 'garden'] })).toEqual([]);
});

test('facets narrow together, and so does what the table is of', () => {
  const rows = [row('1', { place: 'x', value: 20 }), row('2', { place: 'x' }), row('3', { place: 'y', value: 20 })];
  const facets: [string, string][] = [['place', 'x'], ['high', 'yes']]; // prettier-ignore
  expect(all(rows, { facets })).toEqual(['1']);
  expect(all(rows, { facets }, { ...shape, where: (one) => one.key !== '1' })).toEqual([]);
});

test('addresses are sorted by their numbers', () => {
  const rows = ['10.0.0.10_2', '10.0.0.9_11', '10.0.0.9_2'].map((key) => row(key));
  expect(all(rows, { sort: 'name' })).toEqual(['10.0.0.9_2', '10.0.0.9_11', '10.0.0.10_2']);
  expect(natural('Émile 7') < natural('Fire 10')).toBe(true);
});

test('what has no value is last, up and down', () => {
  const rows = [row('none', { value: undefined }), row('2', { value: 2 }), row('1', { value: 1 })];
  expect(all(rows, { sort: 'value' })).toEqual(['1', '2', 'none']);
  expect(all(rows, { sort: 'value', isDescending: true })).toEqual(['2', '1', 'none']);
});

describe('many rows', () => {
  const rows = Array.from({ length: 10_321 }, (_, at) => row(`k${at}`, { value: (at * 7_919) % 97 }));

  test('are sorted as the browser would, with those that are alike as they came', () => {
    for (const isDescending of [false, true]) {
      const direction = isDescending ? -1 : 1;
      const expected = [...rows].sort((a, b) => direction * (a.value! - b.value!)).map(({ key }) => key);
      expect(all(rows, { sort: 'value', isDescending })).toEqual(expected);
    }
  });

  test('are sorted with many breaths', () => {
    const work = ordered(rows, choice({ sort: 'value' }), shape);
    let breaths = 0;
    while (!work.next().done) breaths += 1;
    expect(breaths).toBeGreaterThan(50);
  });
});

test('only what changes all the time has rows sorted again', () => {
  expect(isLive(choice({}), shape)).toBe(false);
  expect(isLive(choice({ sort: 'name' }), shape)).toBe(false);
  expect(isLive(choice({ sort: 'value' }), shape)).toBe(true);
  expect(isLive(choice({ facets: [['place', 'x']] }), shape)).toBe(false);
  expect(isLive(choice({ facets: [['high', 'yes']] }), shape)).toBe(true);
});
