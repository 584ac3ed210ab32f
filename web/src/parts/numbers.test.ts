import { expect, test } from 'vitest';
import { bytes, quick } from './numbers';

test('sizes are told in the unit in which they are small', () => {
  expect(bytes(0)).toBe('0 B');
  expect(bytes(1023)).toBe('1,023 B');
  expect(bytes(1024)).toBe('1 KiB');
  expect(bytes(13_107_200)).toBe('12.5 MiB');
  expect(bytes(5 * 1024 ** 5)).toBe('5,120 TiB');
});

test('short spans are told in milliseconds below a second', () => {
  expect(quick(0.4217)).toBe('0.422 ms');
  expect(quick(999)).toBe('999 ms');
  expect(quick(1_234)).toBe('1.23 s');
  expect(quick(200_000)).toBe('200 s');
});
