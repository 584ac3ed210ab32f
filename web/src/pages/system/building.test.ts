import { expect, test } from 'vitest';
import { changesIn, lineOf, messageOf, rangeOf } from './building';

test('an error tells its line, and what is wrong there', () => {
  const error = "building:14: node.place: there is no place 'nowhere'";
  expect(lineOf(error)).toBe(14);
  expect(messageOf(error)).toBe("node.place: there is no place 'nowhere'");
});

test('an error about the whole has no line', () => {
  expect(lineOf('two places contain each other: a, b')).toBeUndefined();
  expect(messageOf('two places contain each other: a, b')).toBe('two places contain each other: a, b');
});

test('a line is found in its text', () => {
  const text = 'one\ntwo\n\nfour';
  const at = (line: number) => text.slice(...rangeOf(text, line));
  expect([at(1), at(2), at(3), at(4), at(9)]).toEqual(['one', 'two', '', 'four', '']);
});

test('two files that differ in a remark say the same', () => {
  expect(changesIn('# version 1\nname = "a"', '# version 2\nname = "a"')).toEqual([]);
  expect(changesIn('# version 1\nname = "a"', '# version 2\nname = "b"').map(({ sign }) => sign)).toEqual(['-', '+']);
});
