import { expect, test } from 'vitest';
import { filtered, filterOf, isFiltered } from './filter';
import { sample } from './sample';

const known = {
  where: (place: string) => (place === 'kitchen' ? 'North house › Kitchen' : place),
  isWithin: (place: string, outer: string) => place === outer || (place === 'kitchen' && outer === 'north'),
};
const list = [
  sample({ id: 1 }),
  sample({ id: 2, class: 'trouble', source: '10.0.0.7', source_kind: 'node', state: 'acknowledged', place: 'hall' }),
  sample({ id: 3, class: 'supervisory', suppressed: 'shelved', message: 'humid air', source: '10.0.0.70_1' }),
];
const ids = (query: string) => filtered(list, filterOf(new URLSearchParams(query)), known).map((alarm) => alarm.id);

test('What wants attention is listed, unless the quiet or all are asked for.', () => {
  expect(ids('')).toEqual([1, 2]);
  expect(ids('show=quiet')).toEqual([3]);
  expect(ids('show=all')).toEqual([1, 2, 3]);
});

test('Filters are by class, by state, and by words, also those of the place.', () => {
  expect(ids('class=trouble')).toEqual([2]);
  expect(ids('state=unacknowledged')).toEqual([1]);
  expect(ids('show=all&q=HUMID')).toEqual([3]);
  expect(ids('q=north')).toEqual([1]);
});

test('A node stands for its sensors as well, and not for those of another; a place for all that is in it.', () => {
  expect(ids('show=all&source=10.0.0.7')).toEqual([1, 2]);
  expect(ids('source=north')).toEqual([1]);
});

test('What makes no sense is no filter.', () => {
  expect(ids('class=fire&state=burning&show=some')).toEqual([1, 2]);
  expect(isFiltered(filterOf(new URLSearchParams('class=fire&show=all')))).toBe(false);
  expect(isFiltered(filterOf(new URLSearchParams('q=x')))).toBe(true);
});
