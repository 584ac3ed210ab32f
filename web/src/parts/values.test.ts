import { expect, test } from 'vitest';
import { withUnit } from './values';

test('A value is written with its unit, where it has one.', () => {
  expect(withUnit(135, 'degF')).toBe('135 °F');
  expect(withUnit(82, '%')).toBe('82 %');
  expect(withUnit(0, '')).toBe('0');
});
