import { expect, test } from 'vitest';
import { offers } from './offers';
import { sample } from './sample';

const all = () => true;

test('What is new can be acknowledged, silenced and shelved, and not reset while its condition is true.', () => {
  expect(offers(sample(), all)).toEqual(['acknowledge', 'silence', 'shelve']);
});

test('A latched alarm can be reset, whether or not it is acknowledged.', () => {
  const latched = sample({ state: 'latched_acknowledged', audible: false });
  expect(offers(latched, all)).toEqual(['reset', 'shelve']);
  expect(offers(sample({ state: 'latched_unacknowledged' }), all)).toContain('reset');
});

test('What somebody has raised by hand can be ended at any time.', () => {
  expect(offers(sample({ rule: 'emergency.fire', state: 'acknowledged', audible: false }), all)).toContain('reset');
});

test('What is shelved can be unshelved, and what is quiet for another reason cannot.', () => {
  expect(offers(sample({ suppressed: 'shelved', audible: false }), all)).toEqual(['acknowledge', 'unshelve']);
  expect(offers(sample({ suppressed: 'out_of_service', audible: false }), all)).toEqual(['acknowledge']);
});

test('What somebody may not do is not offered.', () => {
  expect(offers(sample(), () => false)).toEqual([]);
  expect(offers(sample(), (operation) => operation.endsWith('/silence'))).toEqual(['silence']);
});
