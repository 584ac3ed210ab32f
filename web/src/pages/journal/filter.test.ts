import { expect, test } from 'vitest';
import { fits, filterOf, forInput, isFiltered, isLive, questionOf } from './filter';
import { sample } from './sample';

const of = (query: string) => filterOf(new URLSearchParams(query));

test('The address says what is wanted, and what makes no sense there is left out.', () => {
  expect(questionOf(of('kind=alarm&from=2026-03-01T10:00:00Z&class=fire&alarm=x&to=soon&entry=4'))).toEqual({
    kind: 'alarm',
    from: '2026-03-01T10:00:00.000Z',
  });
  expect(isFiltered(of('entry=4'))).toBe(false);
  expect(isFiltered(of('alarm=4'))).toBe(true);
});

test('A new entry is shown if the server would have told it.', () => {
  const shown = (query: string) => fits(sample({ who: { name: 'anna', origin: 'here' } }), of(query));
  const fitting = ['', 'kind=alarm', 'kind=alarm.raised', 'class=alarm', 'alarm=4', 'who=anna']; // prettier-ignore
  const others = ['kind=al', 'kind=alarm.reset', 'class=trouble', 'alarm=5', 'who=ann'];
  expect(fitting.map(shown)).not.toContain(false);
  expect(others.map(shown)).not.toContain(true);
});

test('A range of time begins with its first moment and ends before its last.', () => {
  const at = '2026-03-01T10:00:00.001Z';
  expect(fits(sample(), of(`from=${at}`))).toBe(true);
  expect(fits(sample(), of(`to=${at}`))).toBe(false);
});

test('The past is not live.', () => {
  const now = Date.parse('2026-03-01T10:00:00Z');
  expect(isLive(of(''), now)).toBe(true);
  expect(isLive(of('to=2026-03-01T11:00:00Z'), now)).toBe(true);
  expect(isLive(of('to=2026-03-01T09:00:00Z'), now)).toBe(false);
});

test('A moment is given to an input in the zone of whoever looks.', () => {
  const at = new Date(2026, 2, 1, 10, 30);
  expect(forInput(at.toISOString())).toBe('2026-03-01T10:30');
  expect(forInput(undefined)).toBe('');
});
