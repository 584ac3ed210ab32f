import { expect, test } from 'vitest';
import { difference } from './lines';

const told = (before: string[], after: string[]) =>
  difference(before.join('\n'), after.join('\n')).map(({ sign, number, text }) => `${sign}${number} ${text}`);

test.each<[string, string[], string[], string[]]>([
  ['texts that are the same differ in nothing', ['a', 'b'], ['a', 'b'], []],
  ['a line that is new', ['a', 'c'], ['a', 'b', 'c'], ['+2 b']],
  ['a line that is gone', ['a', 'b', 'c'], ['a', 'c'], ['-2 b']],
  ['a line that has changed', ['a', 'b', 'c'], ['a', 'x', 'c'], ['-2 b', '+2 x']],
  ['two places far apart', ['a', 'b', 'c', 'd', 'e'], ['a', 'x', 'c', 'd'], ['-2 b', '+2 x', '-5 e']],
  ['a line like the one before it', ['a', 'a'], ['a', 'a', 'a'], ['+3 a']],
  ['nothing but the end is new', ['a'], ['a', 'b', 'c'], ['+2 b', '+3 c']],
  ['all of it', ['a'], ['b'], ['-1 a', '+1 b']],
])('%s', (_, before, after, expected) => {
  expect(told(before, after)).toEqual(expected);
});

test('texts that differ in very many lines are told as a whole, and soon', () => {
  const many = (of: string) => Array.from({ length: 3_000 }, (_, index) => `${of}${index}`);
  const lines = told(['[first]', ...many('a'), '[last]'], ['[first]', ...many('b'), '[last]']);
  expect(lines).toHaveLength(6_000);
  expect(lines[0]).toBe('-2 a0');
});
