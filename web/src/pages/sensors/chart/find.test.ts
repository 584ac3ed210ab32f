import { expect, it } from 'vitest';
import { found } from './find';

const sensor = (ip_id: string, name: string | null, place: string | null = null) => ({
  ip_id,
  name,
  kind: 'SMOKE' as const,
  place,
});
const all = [
  sensor('10.0.0.1_8', 'Over the stove', 'kitchen'),
  sensor('10.0.0.2_9', null),
  sensor('10.0.0.3_8', 'Hall'),
];

it('finds sensors by all that is written, wherever it stands and however it is written', () => {
  const keys = (text: string, without: string[] = []) => found(all, text, without).items.map(({ ip_id }) => ip_id);
  expect(keys('')).toHaveLength(3);
  expect(keys('  STOVE kit ')).toEqual(['10.0.0.1_8']);
  expect(keys('smoke 10.0.0')).toHaveLength(3);
  expect(keys('_8', ['10.0.0.1_8'])).toEqual(['10.0.0.3_8']);
  expect(keys('cellar')).toEqual([]);
});

it('offers no more than one looks through, and tells how many there are beside', () => {
  const many = Array.from({ length: 100 }, (_, index) => sensor(`10.0.1.${index}_8`, null));
  const { items, more } = found(many, '10.0.1', []);
  expect(items.length + more).toBe(100);
  expect(items).toHaveLength(30);
});
