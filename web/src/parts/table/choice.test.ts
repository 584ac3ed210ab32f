import { expect, test } from 'vitest';
import { choiceOf, columnTurned, isNarrowed, sortedNext } from './choice';
import type { Shape } from './columns';

const column = (id: string, isExtra = false) => ({
  id,
  title: id,
  width: '',
  text: String,
  phone: 'none' as const,
  isExtra,
});
const shape: Shape<string> = {
  key: String,
  words: String,
  columns: [column('name'), column('value'), column('node', true)],
  facets: [{ id: 'kind', title: '', options: [{ value: 'FIRE', title: '' }], has: () => true }],
};
const of = (query: string) => choiceOf(new URLSearchParams(query), shape);

test('the address says what is chosen', () => {
  expect(of('q=Smoke++8&kind=FIRE&sort=-value&columns=name,node')).toEqual({
    search: ['smoke', '8'],
    facets: [['kind', 'FIRE']],
    sort: 'value',
    isDescending: true,
    columns: ['name', 'node'],
  });
});

test('what there is not is left out, as if nobody had said it', () => {
  expect(of('kind=SOUND&sort=colour&columns=colour&other=1')).toEqual(of(''));
  expect(of('').columns).toEqual(['name', 'value']);
  expect(isNarrowed(of('sort=value'))).toBe(false);
  expect(isNarrowed(of('q=a'))).toBe(true);
});

test('a header sorts up, then down, then not at all', () => {
  expect(sortedNext(of(''), 'value')).toEqual({ sort: 'value' });
  expect(sortedNext(of('sort=value'), 'value')).toEqual({ sort: '-value' });
  expect(sortedNext(of('sort=-value'), 'value')).toEqual({ sort: null });
  expect(sortedNext(of('sort=-value'), 'name')).toEqual({ sort: 'name' });
});

test('columns come and go in their order; the usual ones are not told, and one stays', () => {
  expect(columnTurned(of(''), shape, 'node')).toEqual({ columns: 'name,value,node' });
  expect(columnTurned(of('columns=name,value,node'), shape, 'node')).toEqual({ columns: null });
  expect(columnTurned(of('columns=value'), shape, 'value')).toEqual({});
});
