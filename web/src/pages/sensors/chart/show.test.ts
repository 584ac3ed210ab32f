import { expect, it } from 'vitest';
import { valueText } from '../../../parts/values';
import { meanText, nameOf, scaleOfKind, shownText } from './show';

it('values are told in words, with their unit', () => {
  expect(valueText('FIRE', 0)).toBe('Flame');
  expect(valueText('FIRE', 200)).toBe('200');
  expect(valueText('MOTION', 1)).toBe('Motion');
  expect(valueText('TEMPERATURE', 72)).toBe('72 °F');
  expect(valueText('HUMIDITY', 40.25)).toBe('40.3 %');
  expect(valueText('SMOKE', 140)).toBe('140');
});

it('the mean of what is there or not is how often it was there', () => {
  expect(meanText('FIRE', 1)).toBe('Flame 0 %');
  expect(meanText('FIRE', 0.9996)).toBe('Flame 0.04 %');
  expect(meanText('MOTION', 0.48)).toBe('Motion 48 %');
  expect(meanText('SMOKE', 0.48)).toBe('0.5');
});

it('a step with one flame shows a flame', () => {
  const point = { at: 0, count: 100, min: 0, max: 1, mean: 0.99, last: 1 };
  expect(shownText({ kind: 'FIRE', step: 60_000 }, point)).toBe('Flame');
  expect(shownText({ kind: 'TEMPERATURE', step: 60_000 }, point)).toBe('1.0 °F');
  expect(shownText({ kind: 'TEMPERATURE', step: 0 }, point)).toBe('1 °F');
});

it('kinds with one unit have one axis', () => {
  expect(scaleOfKind('SMOKE')).toBe(scaleOfKind('WATER'));
  expect(new Set((['FIRE', 'MOTION', 'SMOKE', 'HUMIDITY', 'TEMPERATURE'] as const).map(scaleOfKind)).size).toBe(5);
});

it('a sensor without a name goes by its kind and key', () => {
  expect(nameOf({ name: null, ip_id: '10.0.0.1_8', kind: 'SMOKE' })).toBe('Smoke 10.0.0.1_8');
  expect(nameOf({ name: 'Over the stove', ip_id: '10.0.0.1_8', kind: 'SMOKE' })).toBe('Over the stove');
});
