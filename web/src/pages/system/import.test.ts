import { expect, test } from 'vitest';
import { formatOf } from './import';

test('the name of a file tells what it most likely holds', () => {
  expect(formatOf('november.CSV')).toBe('csv');
  expect(formatOf('old.backup.db')).toBe('table');
  expect(formatOf('day.bin')).toBe('readings');
  expect(formatOf('readings')).toBe('readings');
});
