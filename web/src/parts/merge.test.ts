import { expect, test } from 'vitest';
import { changesOf, isSame, merged } from './merge';

interface Target {
  host: string;
  port: string;
  places: string[];
  side: string;
  limit: string;
}
const begun: Target = { host: 'mail', port: '25', places: ['hall', 'lab'], side: 'at_least', limit: '50' };
const together = [['side', 'limit']] as const;

test.each<[string, Partial<Target>, Partial<Target>, Partial<Target>, string[], string[]]>([
  ['nobody has changed anything', {}, {}, {}, [], []],
  ['what I have not touched becomes theirs', {}, { host: 'post' }, { host: 'post' }, ['host'], []],
  ['what they have not touched stays mine', { host: 'post' }, {}, { host: 'post' }, [], []],
  ['each keeps what the other has not touched', { host: 'a' }, { port: '1' }, { host: 'a', port: '1' }, ['port'], []],
  ['where both have changed one field, mine stays', { host: 'a' }, { host: 'b' }, { host: 'a' }, [], ['host']],
  ['both have said the same', { host: 'a' }, { host: 'a' }, { host: 'a' }, [], []],
  ['an order is no change', { places: ['lab', 'hall'] }, { places: [] }, { places: [] }, ['places'], []],
  ['what I have emptied stays empty', { port: '' }, { port: '1' }, { port: '' }, [], ['port']],
  ['what they have emptied is empty', {}, { port: '' }, { port: '' }, ['port'], []],
  // A limit of theirs at my side would be what neither has meant.
  [
    'fields that belong together stay together',
    { limit: '60' },
    { side: 'at_most' },
    { limit: '60' },
    [],
    ['side', 'limit'],
  ],
  [
    'and are taken together',
    {},
    { side: 'at_most', limit: '9' },
    { side: 'at_most', limit: '9' },
    ['side', 'limit'],
    [],
  ],
])('%s', (_, mine, theirs, form, taken, both) => {
  const result = merged(begun, { ...begun, ...mine }, { ...begun, ...theirs }, together);
  expect(result.taken).toEqual(taken);
  expect(result.both).toEqual(both);
  expect(changesOf({ ...begun, ...form }, result.form)).toEqual({});
});

test('only what was changed is a change, in whichever order things were chosen', () => {
  expect(changesOf(begun, { ...begun, places: ['lab', 'hall'] })).toEqual({});
  expect(changesOf(begun, { ...begun, places: ['lab'], port: '' })).toEqual({ places: ['lab'], port: '' });
});

test('nothing is the same as nothing, and one thing as the list of it is not', () => {
  expect(isSame([], [])).toBe(true);
  expect(isSame('hall', ['hall'])).toBe(false);
  expect(isSame('', undefined)).toBe(false);
});
