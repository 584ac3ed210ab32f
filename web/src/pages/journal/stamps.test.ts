import { expect, test } from 'vitest';
import { sample } from './sample';
import { stampsOf } from './stamps';

test('An entry tells how long each step took since it was received.', () => {
  expect(stampsOf(sample()).map(({ name, afterMs }) => [name, afterMs])).toEqual([
    ['received', undefined],
    ['decided', 1],
    ['committed', 9],
    ['notified', undefined],
  ]);
});
