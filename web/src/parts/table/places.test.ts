import { expect, test } from 'vitest';
import type { Place } from '../../api/types';
import { PlaceBook } from './places';

const place = (name: string, within: string | null, title: string | null = null) => ({ name, within, title }) as Place;
const book = new PlaceBook([
  place('house', null, 'The House'),
  place('floor', 'house'),
  place('room', 'floor'),
  place('a', 'b'),
  place('b', 'a'),
]);

test('a place is in itself and in all that it lies in', () => {
  expect(['room', 'floor', 'house', 'a'].map((outer) => book.isWithin('room', outer))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(book.isWithin(null, 'house')).toBe(false);
});

test('places that lie in each other stop nothing', () => {
  expect(book.isWithin('a', 'house')).toBe(false);
});

test('a place is called by its title, or else by its name', () => {
  expect([book.title('house'), book.title('floor'), book.title('gone'), book.title(null)]).toEqual([
    'The House',
    'floor',
    'gone',
    '',
  ]);
});

test('the site is nothing to narrow to, for everything is there', () => {
  const all = new PlaceBook([{ ...place('site', null), kind: 'site' }, place('b', 'site'), place('a', 'site')]);
  const facet = all.facet('Place', (name) => name.toUpperCase());
  expect(facet.options).toEqual([
    { value: 'a', title: 'A' },
    { value: 'b', title: 'B' },
  ]);
});
